#include <algorithm>

#include "dragoman/base/parallel.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/text/analyzer.h"
#include "engine/index_stamp.h"
#include "engine/segment_builder.h"

namespace dragoman {
namespace {

constexpr DocumentNumber kSegmentDocuments = 65'536;
// Documents analysed at the same time.
constexpr DocumentNumber kGroup = 1024;

}  // namespace

void build_lexical_segments(Collection& collection, const Analyzer& analyzer, const IndexOptions& options,
                            const ProgressCallback& progress) {
  const std::string stamp = lexical_stamp(analyzer);
  const DocumentNumber size = collection.size();
  for (DocumentNumber first = first_uncovered(collection, "lexical", stamp); first < size;) {
    const DocumentNumber end = std::min(size, (first / kSegmentDocuments + 1) * kSegmentDocuments);
    LexicalSegmentBuilder builder;
    for (DocumentNumber begin = first; begin < end; begin += kGroup) {
      report(progress, {"analyse", "documents", begin, size});
      std::vector<Document> documents;
      collection.for_each(begin, std::min(kGroup, end - begin), [&](DocumentNumber, const Document& document) {
        documents.push_back(document);
        return true;
      });
      std::vector<std::vector<Token>> tokens(documents.size());
      parallel_for(documents.size(), options.threads, [&](std::size_t i, std::size_t) {
        tokens[i] = analyzer.analyze(with_title(documents[i].title, documents[i].text), documents[i].language);
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
