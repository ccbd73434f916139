#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/skeleton.h"
#include "engine/document_fields.h"
#include "engine/index_stamp.h"
#include "engine/segment_builder.h"
#include "engine/translate_documents.h"

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
  /// What a document is taken for, if it is another; called by one thread.
  std::function<void(DocumentNumber, Document&)> as_read = {};
};

struct Written {
  std::uint64_t bytes = 0;
  std::uint64_t with_terms = 0;  ///< Documents that have any.
};

/// Writes the segment of the documents that are there of [first, end).
Written write_inverted_segment(const Collection& collection, const InvertedKind& inverted, DocumentNumber first,
                               DocumentNumber end, const std::filesystem::path& path, std::size_t threads,
                               const ProgressCallback& progress) {
  using Numbered = std::pair<DocumentNumber, Document>;
  const DocumentNumber size = collection.size();
  LexicalSegmentBuilder builder(inverted.build);
  // While a group is analysed, one thread puts the one before it into the segment.
  std::vector<Numbered> documents, before;
  std::vector<std::vector<Token>> terms, terms_before;
  Written written;
  const auto add_before = [&] {
    for (std::size_t i = 0; i < before.size(); ++i) {
      builder.add(before[i].first, before[i].second.language, terms_before[i]);
      written.with_terms += !terms_before[i].empty();
    }
  };
  for (DocumentNumber begin = first; begin < end; begin += std::min(kGroup, end - begin)) {
    report(progress, {inverted.stage, "documents", begin, size});
    documents.clear();
    collection.for_each(begin, std::min(kGroup, end - begin), [&](DocumentNumber number, const Document& document) {
      documents.emplace_back(number, document);
      if (inverted.as_read) inverted.as_read(number, documents.back().second);
      return true;
    });
    terms.assign(documents.size(), {});
    parallel_for(documents.size() + 1, threads, [&](std::size_t i, std::size_t) {
      if (i == 0) return add_before();
      const Document& document = documents[i - 1].second;
      terms[i - 1] = inverted.terms_of(inverted.text_of(document), document.language);
    });
    before.swap(documents);
    terms_before.swap(terms);
  }
  add_before();
  written.bytes = builder.write(path, inverted.stamp);
  return written;
}

/// Makes the segment of documents [first, end). Returns how many of them have any terms.
std::uint64_t build_inverted_segment(Collection& collection, const InvertedKind& inverted, DocumentNumber first,
                                     DocumentNumber end, std::size_t threads, const ProgressCallback& progress) {
  SegmentRecord segment{
      std::string(inverted.kind), collection.segment_path(inverted.kind, first), inverted.stamp, first, end - first, 0};
  const Written written = write_inverted_segment(collection, inverted, first, end, segment.file, threads, progress);
  segment.bytes = written.bytes;
  collection.add_segment(segment);
  report(progress, {inverted.stage, "documents", end, collection.size()});
  return written.with_terms;
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

std::uint64_t remake_inverted_segment(const Collection& collection, InvertedKind inverted, const SegmentRecord& segment,
                                      std::size_t threads, const ProgressCallback& progress) {
  const bool bisected = !SegmentReader(segment.file, "lexical", segment.stamp).section("document_order").empty();
  inverted.build.order = bisected ? DocumentOrder::bisection : DocumentOrder::as_added;
  return write_inverted_segment(collection, inverted, segment.first, segment.first + segment.count, segment.file,
                                threads, progress)
      .bytes;
}

InvertedKind words_kind(const Collection& collection, const Analyzer& analyzer, const IndexOptions& options,
                        const ProgressCallback& progress) {
  return {
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
}

/// The words of a field alone.
InvertedKind field_kind(InvertedKind words, std::string_view kind, std::string_view field) {
  words.kind = kind;
  words.stamp = field_stamp(words.stamp, field);
  words.text_of = [field](const Document& document) { return field_text(document, field); };
  return words;
}

InvertedKind sounds_kind(const Collection& collection, const IndexOptions& options) {
  return {.kind = kRomanizedKind,
          .stage = "romanise",
          .stamp = romanized_stamp(),
          .segment_documents = kRomanizedSegmentDocuments,
          .build = {.memory_bytes = options.lexical.memory_bytes,
                    .spill_folder = collection.folder(),
                    .threads = options.threads},
          .terms_of = [](std::string_view text, const Language& language) {
            return skeleton_terms(text, language, SkeletonSide::document);
          }};
}

InvertedKind translated_of(const Collection& collection, const Language& to, std::string_view kind,
                           const Analyzer& analyzer, const IndexOptions& options, const ProgressCallback& progress) {
  InvertedKind words = words_kind(collection, analyzer, options, progress);
  words.kind = kind;
  words.stamp = translated_stamp(analyzer, to);
  words.build.positions = false;
  words.as_read = [&collection, to](DocumentNumber number, Document& document) {
    auto translation = collection.translation(number, to);
    if (!translation || !translation->translated) return;
    document.title = std::move(translation->title);
    document.text = std::move(translation->text);
    document.language = to;
  };
  return words;
}

}  // namespace

std::string translated_stamp(const Analyzer& analyzer, const Language& to) {
  return fmt::format("{} translated={}", lexical_stamp(analyzer, false), to.tag());
}

void build_translated_segments(Collection& collection, const Language& to, const Analyzer& analyzer,
                               const IndexOptions& options, const ProgressCallback& progress) {
  const std::string kind = translated_kind(to);
  build_inverted_segments(collection, translated_of(collection, to, kind, analyzer, options, progress), options.threads,
                          progress);
}

std::uint64_t remake_translated_segment(const Collection& collection, const Language& to, const Analyzer& analyzer,
                                        const SegmentRecord& segment, const IndexOptions& options,
                                        const ProgressCallback& progress) {
  return remake_inverted_segment(collection, translated_of(collection, to, segment.kind, analyzer, options, progress),
                                 segment, options.threads, progress);
}

void build_lexical_segments(Collection& collection, const Analyzer& analyzer, const IndexOptions& options,
                            IndexReport& report, const ProgressCallback& progress) {
  if (options.lexical.segment_documents == 0) {
    throw InvalidArgument("documents of a lexical segment are 0, must be at least 1");
  }
  const InvertedKind words = words_kind(collection, analyzer, options, progress);
  const std::vector<std::string> fields = fields_of(collection);
  if (fields.empty()) {
    build_inverted_segments(collection, words, options.threads, progress);
    return;
  }
  const std::vector<std::string> kinds = lexical_kinds(fields);
  std::vector<InvertedKind> of_fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    of_fields.push_back(field_kind(words, kinds[i], fields[i]));
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
  build_inverted_segments(collection, sounds_kind(collection, options), options.threads, progress);
}

std::uint64_t remake_lexical_segment(const Collection& collection, const Analyzer& analyzer,
                                     const SegmentRecord& segment, const IndexOptions& options,
                                     const ProgressCallback& progress) {
  InvertedKind words = words_kind(collection, analyzer, options, progress);
  const std::vector<std::string> fields = fields_of(collection);
  const std::vector<std::string> kinds = lexical_kinds(fields);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (kinds[i] != segment.kind) continue;
    words = field_kind(words, kinds[i], fields[i]);
    const std::size_t leader = leading_field(fields);
    if (i == leader) break;
    // Made again before this one: fields of a document stand in the same order.
    for (const SegmentRecord& leading : collection.segments(kinds[leader])) {
      if (leading.first != segment.first) continue;
      const LexicalSegment made(leading.file, leading.stamp);
      words.build.given_order.assign(made.order().begin(), made.order().end());
    }
  }
  return remake_inverted_segment(collection, words, segment, options.threads, progress);
}

std::uint64_t remake_romanized_segment(const Collection& collection, const SegmentRecord& segment,
                                       const IndexOptions& options, const ProgressCallback& progress) {
  return remake_inverted_segment(collection, sounds_kind(collection, options), segment, options.threads, progress);
}

}  // namespace dragoman
