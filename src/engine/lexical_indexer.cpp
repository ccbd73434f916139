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
    for (DocumentNumber begin = first; begin < end; begin += kGroup) {
      report(progress, {"analyse", "documents", begin, size});
      std::vector<Document> documents;
      collection.for_each(begin, std::min(kGroup, end - begin), [&](DocumentNumber, const Document& document) {
        documents.push_back(document);
        return true;
      });
      std::vector<std::vector<Token>> tokens(documents.size());
      parallel_for(documents.size(), options.threads, [&](std::size_t i, std::size_t) {
        tokens[i] = analyzer.analyze(with_title(documents[i].title, documents[i].text));
      });
      for (DocumentNumber i = 0; i < documents.size(); ++i) builder.add(begin + i, documents[i].language, tokens[i]);
    }
    SegmentRecord segment{"lexical", collection.segment_path("lexical", first), stamp, first, end - first, 0};
    segment.bytes = builder.write(segment.file, stamp);
    collection.add_segment(segment);
    first = end;
    report(progress, {"analyse", "documents", first, size});
  }
}

}  // namespace dragoman
