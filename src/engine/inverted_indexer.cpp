#include <algorithm>
#include <functional>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/skeleton.h"
#include "engine/document_fields.h"
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
  /// The terms of a text; called by many threads, as text_of is.
  std::function<std::vector<Token>(std::string_view text, const Language& language)> terms_of;
  /// What of a document is made terms of.
  std::function<std::string(const Document&)> text_of = [](const Document& document) {
    return with_title(document.title, document.text);
  };
};

/// Makes the segment of documents [first, end). Returns how many of them have any terms.
std::uint64_t build_inverted_segment(Collection& collection, const InvertedKind& inverted, DocumentNumber first,
                                     DocumentNumber end, std::size_t threads, const ProgressCallback& progress) {
  LexicalSegmentBuilder builder(inverted.build);
  // While a group is analysed, one thread puts the one before it into the segment.
  std::vector<Document> documents, before;
  std::vector<std::vector<Token>> terms, terms_before;
  DocumentNumber next = first;
  std::uint64_t with_terms = 0;
  const auto add_before = [&] {
    for (std::size_t i = 0; i < before.size(); ++i) {
      builder.add(next++, before[i].language, terms_before[i]);
      with_terms += !terms_before[i].empty();
    }
  };
  const DocumentNumber size = collection.size();
  for (DocumentNumber begin = first; begin < end; begin += std::min(kGroup, end - begin)) {
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
      terms[i - 1] = inverted.terms_of(inverted.text_of(document), document.language);
    });
    before.swap(documents);
    terms_before.swap(terms);
  }
  add_before();
  SegmentRecord segment{
      std::string(inverted.kind), collection.segment_path(inverted.kind, first), inverted.stamp, first, end - first, 0};
  segment.bytes = builder.write(segment.file, inverted.stamp);
  collection.add_segment(segment);
  report(progress, {inverted.stage, "documents", end, size});
  return with_terms;
}

std::uint64_t build_inverted_segments(Collection& collection, const InvertedKind& inverted, std::size_t threads,
                                      const ProgressCallback& progress) {
  const DocumentNumber size = collection.size();
  std::uint64_t with_terms = 0;
  for (DocumentNumber first = first_uncovered(collection, inverted.kind, inverted.stamp); first < size;) {
    const std::uint64_t full = (std::uint64_t{first} / inverted.segment_documents + 1) * inverted.segment_documents;
    const auto end = static_cast<DocumentNumber>(std::min<std::uint64_t>(size, full));
    with_terms += build_inverted_segment(collection, inverted, first, end, threads, progress);
    first = end;
  }
  return with_terms;
}

/// One for each segment of another kind, of the same documents in the same order.
std::uint64_t build_beside(Collection& collection, InvertedKind inverted, const InvertedKind& leader,
                           std::size_t threads, const ProgressCallback& progress) {
  std::uint64_t with_terms = 0;
  const DocumentNumber first = first_uncovered(collection, inverted.kind, inverted.stamp);
  for (const SegmentRecord& segment : collection.segments(leader.kind)) {
    if (segment.first < first) continue;
    inverted.build.given_order.clear();
    if (inverted.build.order != DocumentOrder::as_added) {
      const LexicalSegment leading(segment.file, leader.stamp);
      inverted.build.given_order.assign(leading.order().begin(), leading.order().end());
    }
    with_terms +=
        build_inverted_segment(collection, inverted, segment.first, segment.first + segment.count, threads, progress);
  }
  return with_terms;
}

}  // namespace

void build_lexical_segments(Collection& collection, const Analyzer& analyzer, const IndexOptions& options,
                            IndexReport& report, const ProgressCallback& progress) {
  if (options.lexical.segment_documents == 0) {
    throw InvalidArgument("documents of a lexical segment are 0, must be at least 1");
  }
  const InvertedKind words{
      .kind = "lexical",
      .stage = "analyse",
      .stamp = lexical_stamp(analyzer),
      .segment_documents = options.lexical.segment_documents,
      .build = {.memory_bytes = options.lexical.memory_bytes,
                .spill_folder = collection.folder(),
                .order = options.lexical.order,
                .threads = options.threads,
                .progress = progress},
      .terms_of = [&](std::string_view text, const Language& language) { return analyzer.analyze(text, language); }};
  const std::vector<std::string> fields = fields_of(collection);
  if (fields.empty()) {
    build_inverted_segments(collection, words, options.threads, progress);
    return;
  }
  const std::vector<std::string> kinds = lexical_kinds(fields);
  std::vector<InvertedKind> of_fields(fields.size(), words);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    of_fields[i].kind = kinds[i];
    of_fields[i].stamp = field_stamp(words.stamp, fields[i]);
    of_fields[i].text_of = [&fields, i](const Document& document) { return field_text(document, fields[i]); };
    report.fields.emplace_back(fields[i], 0);
  }
  const std::size_t leader = leading_field(fields);
  report.fields[leader].second = build_inverted_segments(collection, of_fields[leader], options.threads, progress);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i == leader) continue;
    report.fields[i].second = build_beside(collection, of_fields[i], of_fields[leader], options.threads, progress);
  }
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
