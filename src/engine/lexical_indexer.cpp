#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/text/analyzer.h"
#include "engine/index_stamp.h"
#include "engine/segment_builder.h"

namespace dragoman {
namespace {

// Documents analysed at the same time.
constexpr DocumentNumber kGroup = 1024;

}  // namespace

void build_lexical_segments(Collection& collection, const Analyzer& analyzer, const IndexOptions& options,
                            const ProgressCallback& progress) {
  if (options.lexical.segment_documents == 0) {
    throw InvalidArgument("documents of a lexical segment are 0, must be at least 1");
  }
  const std::string stamp = lexical_stamp(analyzer);
  const DocumentNumber size = collection.size();
  for (DocumentNumber first = first_uncovered(collection, "lexical", stamp); first < size;) {
    const std::uint64_t full =
        (std::uint64_t{first} / options.lexical.segment_documents + 1) * options.lexical.segment_documents;
    const auto end = static_cast<DocumentNumber>(std::min<std::uint64_t>(size, full));
    LexicalSegmentBuilder builder({.memory_bytes = options.lexical.memory_bytes,
                                   .spill_folder = collection.folder(),
                                   .order = options.lexical.order,
                                   .threads = options.threads,
                                   .progress = progress});
    // While a group is analysed, one thread puts the one before it into the segment.
    std::vector<Document> documents, before;
    std::vector<std::vector<Token>> tokens, tokens_before;
    DocumentNumber next = first;
    const auto add_before = [&] {
      for (std::size_t i = 0; i < before.size(); ++i) builder.add(next++, before[i].language, tokens_before[i]);
    };
    for (DocumentNumber begin = first; begin < end; begin += kGroup) {
      report(progress, {"analyse", "documents", begin, size});
      documents.clear();
      collection.for_each(begin, std::min(kGroup, end - begin), [&](DocumentNumber, const Document& document) {
        documents.push_back(document);
        return true;
      });
      tokens.assign(documents.size(), {});
      parallel_for(documents.size() + 1, options.threads, [&](std::size_t i, std::size_t) {
        if (i == 0) return add_before();
        const Document& document = documents[i - 1];
        tokens[i - 1] = analyzer.analyze(with_title(document.title, document.text), document.language);
      });
      before.swap(documents);
      tokens_before.swap(tokens);
    }
    add_before();
    SegmentRecord segment{"lexical", collection.segment_path("lexical", first), stamp, first, end - first, 0};
    segment.bytes = builder.write(segment.file, stamp);
    collection.add_segment(segment);
    first = end;
    report(progress, {"analyse", "documents", first, size});
  }
}

}  // namespace dragoman
