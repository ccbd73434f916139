#include <algorithm>

#include "dragoman/base/parallel.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/text/skeleton.h"
#include "engine/index_stamp.h"
#include "engine/segment_builder.h"

namespace dragoman {
namespace {

constexpr DocumentNumber kSegmentDocuments = 65'536;
// Documents romanised at the same time.
constexpr DocumentNumber kGroup = 1024;

}  // namespace

void build_romanized_segments(Collection& collection, const IndexOptions& options, const ProgressCallback& progress) {
  const std::string stamp = romanized_stamp();
  const DocumentNumber size = collection.size();
  for (DocumentNumber first = first_uncovered(collection, kRomanizedKind, stamp); first < size;) {
    const DocumentNumber end = std::min(size, (first / kSegmentDocuments + 1) * kSegmentDocuments);
    LexicalSegmentBuilder builder;
    for (DocumentNumber begin = first; begin < end; begin += kGroup) {
      report(progress, {"romanise", "documents", begin, size});
      std::vector<Document> documents;
      collection.for_each(begin, std::min(kGroup, end - begin), [&](DocumentNumber, const Document& document) {
        documents.push_back(document);
        return true;
      });
      std::vector<std::vector<Token>> terms(documents.size());
      parallel_for(documents.size(), options.threads, [&](std::size_t i, std::size_t) {
        terms[i] = skeleton_terms(with_title(documents[i].title, documents[i].text), documents[i].language,
                                  SkeletonSide::document);
      });
      for (DocumentNumber i = 0; i < documents.size(); ++i) builder.add(begin + i, documents[i].language, terms[i]);
    }
    SegmentRecord segment{
        std::string(kRomanizedKind), collection.segment_path(kRomanizedKind, first), stamp, first, end - first, 0};
    segment.bytes = builder.write(segment.file, stamp);
    collection.add_segment(segment);
    first = end;
    report(progress, {"romanise", "documents", first, size});
  }
}

}  // namespace dragoman
