#include <algorithm>
#include <functional>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/skeleton.h"
#include "engine/index_stamp.h"
#include "engine/segment_builder.h"

namespace dragoman {
namespace {

// Documents analysed at the same time.
constexpr DocumentNumber kGroup = 1024;

constexpr DocumentNumber kRomanizedSegmentDocuments = 65'536;

/// A kind of inverted index: what its segments are made of, and how they are called.
struct InvertedKind {
  std::string_view kind;   ///< In the collection's list of segments.
  std::string_view stage;  ///< In reports of progress.
  std::string stamp;
  DocumentNumber segment_documents;
  LexicalBuildOptions build;
  /// The terms of a document; called by many threads.
  std::function<std::vector<Token>(std::string_view text, const Language& language)> terms_of;
};

void build_inverted_segments(Collection& collection, const InvertedKind& inverted, std::size_t threads,
                             const ProgressCallback& progress) {
  const DocumentNumber size = collection.size();
  for (DocumentNumber first = first_uncovered(collection, inverted.kind, inverted.stamp); first < size;) {
    const std::uint64_t full = (std::uint64_t{first} / inverted.segment_documents + 1) * inverted.segment_documents;
    const auto end = static_cast<DocumentNumber>(std::min<std::uint64_t>(size, full));
    LexicalSegmentBuilder builder(inverted.build);
    // While a group is analysed, one thread puts the one before it into the segment.
    std::vector<Document> documents, before;
    std::vector<std::vector<Token>> terms, terms_before;
    DocumentNumber next = first;
    const auto add_before = [&] {
      for (std::size_t i = 0; i < before.size(); ++i) builder.add(next++, before[i].language, terms_before[i]);
    };
    for (DocumentNumber begin = first; begin < end; begin += kGroup) {
      report(progress, {inverted.stage, "documents", begin, size});
      documents.clear();
      collection.for_each(begin, std::min(kGroup, end - begin), [&](DocumentNumber, const Document& document) {
        documents.push_back(document);
        return true;
      });
      terms.assign(documents.size(), {});
      parallel_for(documents.size() + 1, threads, [&](std::size_t i, std::size_t) {
        if (i == 0) return add_before();
        const Document& document = documents[i - 1];
        terms[i - 1] = inverted.terms_of(with_title(document.title, document.text), document.language);
      });
      before.swap(documents);
      terms_before.swap(terms);
    }
    add_before();
    SegmentRecord segment{std::string(inverted.kind),
                          collection.segment_path(inverted.kind, first),
                          inverted.stamp,
                          first,
                          end - first,
                          0};
    segment.bytes = builder.write(segment.file, inverted.stamp);
    collection.add_segment(segment);
    first = end;
    report(progress, {inverted.stage, "documents", first, size});
  }
}

}  // namespace

void build_lexical_segments(Collection& collection, const Analyzer& analyzer, const IndexOptions& options,
                            const ProgressCallback& progress) {
  if (options.lexical.segment_documents == 0) {
    throw InvalidArgument("documents of a lexical segment are 0, must be at least 1");
  }
  const InvertedKind words{
      .kind = "lexical",
      .stage = "analyse",
      .stamp = lexical_stamp(analyzer, keeps_positions(collection)),
      .segment_documents = options.lexical.segment_documents,
      .build = {.memory_bytes = options.lexical.memory_bytes,
                .spill_folder = collection.folder(),
                .order = options.lexical.order,
                .threads = options.threads,
                .progress = progress,
                .positions = keeps_positions(collection)},
      .terms_of = [&](std::string_view text, const Language& language) { return analyzer.analyze(text, language); }};
  build_inverted_segments(collection, words, options.threads, progress);
}

void build_romanized_segments(Collection& collection, const IndexOptions& options, const ProgressCallback& progress) {
  const InvertedKind sounds{.kind = kRomanizedKind,
                            .stage = "romanise",
                            .stamp = romanized_stamp(),
                            .segment_documents = kRomanizedSegmentDocuments,
                            .build = {.memory_bytes = options.lexical.memory_bytes,
                                      .spill_folder = collection.folder(),
                                      .threads = options.threads},
                            .terms_of = [](std::string_view text, const Language& language) {
                              return skeleton_terms(text, language, SkeletonSide::document);
                            }};
  build_inverted_segments(collection, sounds, options.threads, progress);
}

}  // namespace dragoman
