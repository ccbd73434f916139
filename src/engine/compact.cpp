#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/dense/dense_segment.h"
#include "dragoman/engine/maintenance.h"
#include "dragoman/text/analyzer.h"
#include "engine/derived_dense.h"
#include "engine/document_fields.h"
#include "engine/index_stamp.h"
#include "engine/language_bias_segment.h"
#include "engine/merge_segments.h"
#include "engine/open_analyzer.h"
#include "engine/segment_builder.h"
#include "engine/translate_documents.h"

namespace dragoman {
namespace {

/// What is left of a dense segment, copied: vectors do not depend on one another.
std::uint64_t copy_dense_segment(const Collection::DocumentLanguages& documents, const SegmentRecord& segment) {
  const DenseSegment old(segment.file, segment.stamp);
  DenseSegmentBuilder builder(old.dimension());
  for (std::size_t i = 0; i < old.size(); ++i) {
    const Passage passage = old.passage(i);
    if (documents.is_live(passage.document)) builder.add(passage, old.vector(i));
  }
  return builder.write(segment.file, segment.stamp);
}

class Compactor {
 public:
  Compactor(Collection& collection, const CompactOptions& options, const ProgressCallback& progress)
      : collection_(collection), documents_(collection.document_languages()), progress_(progress) {
    index_.models = options.models;
    index_.threads = options.threads;
    index_.lexical.memory_bytes = options.memory_bytes;
  }

  /// The new size, or nothing if this program would make such a segment otherwise.
  std::optional<std::uint64_t> make_again(const SegmentRecord& segment) {
    if (segment.kind == "dense") {
      // What was made of the vectors is of no use with others: searches compare vectors until it is made again.
      for (const std::string_view derived : kDerivedDenseKinds) collection_.drop_segments(derived);
      return copy_dense_segment(documents_, segment);
    }
    if (merges_kind(segment.kind)) return write_merged(std::span(&segment, 1), documents_.live, segment.file);
    if (segment.kind == kRomanizedKind) {
      if (segment.stamp != romanized_stamp()) return std::nullopt;
      return remake_romanized_segment(collection_, segment, index_, progress_);
    }
    if (!analyzer_) analyzer_ = open_analyzer(collection_, index_.models);
    for (const Language& to : translated_languages(collection_)) {
      if (segment.kind != translated_kind(to)) continue;
      if (segment.stamp != translated_stamp(*analyzer_, to)) return std::nullopt;
      return remake_translated_segment(collection_, to, *analyzer_, segment, index_, progress_);
    }
    const std::string stamp = lexical_stamp(*analyzer_, keeps_positions(collection_));
    const auto field = std::ranges::find(kinds_, segment.kind);
    if (field == kinds_.end()) return std::nullopt;
    const bool current =
        fields_.empty()
            ? segment.stamp == stamp
            : segment.stamp == field_stamp(stamp, fields_[static_cast<std::size_t>(field - kinds_.begin())]);
    if (!current) return std::nullopt;
    return remake_lexical_segment(collection_, *analyzer_, segment, index_, progress_);
  }

 private:
  Collection& collection_;
  const Collection::DocumentLanguages documents_;
  const ProgressCallback& progress_;
  const std::vector<std::string> fields_ = fields_of(collection_), kinds_ = lexical_kinds(fields_);
  IndexOptions index_;
  std::shared_ptr<const Analyzer> analyzer_;
};

Collection open_existing(const std::filesystem::path& folder) {
  Collection::open(folder);  // Or else one would be made.
  return Collection::open_for_writing(folder);
}

}  // namespace

DeleteReport delete_documents(const std::filesystem::path& collection, std::span<const std::string> ids,
                              Collection::Unknown unknown) {
  Collection opened = open_existing(collection);
  auto [removed, missing] = opened.remove(ids, unknown);
  return {.deleted = removed, .missing = std::move(missing), .documents = opened.document_count()};
}

CompactReport compact_segments(Collection& collection, const CompactOptions& options,
                               const ProgressCallback& progress) {
  if (!(options.share >= 0 && options.share < 1)) {
    throw InvalidArgument(
        fmt::format("the share of deleted documents is {}, must be from 0 to below 1", options.share));
  }
  CompactReport report;
  Compactor compactor(collection, options, progress);
  const std::vector<std::string> fields = fields_of(collection);
  std::vector<std::string> kinds = lexical_kinds(fields);
  // The field that the others take their order from comes first.
  if (!fields.empty()) std::swap(kinds.front(), kinds[leading_field(fields)]);
  kinds.emplace_back(kRomanizedKind);
  for (const Language& to : translated_languages(collection)) kinds.push_back(translated_kind(to));
  for (const FirstStage stage : all_first_stages()) {
    if (needs_encoder(stage)) kinds.emplace_back(kind_of(stage));
  }
  for (const std::string& kind : kinds) {
    for (SegmentRecord segment : collection.segments(kind)) {
      const auto [made_of, removed] = collection.documents_in(segment);
      if (removed == 0 || removed <= options.share * made_of) continue;
      const auto bytes = compactor.make_again(segment);
      if (!bytes) {
        ++report.outdated;
        continue;
      }
      ++report.segments;
      report.documents += removed;
      report.bytes_before += segment.bytes;
      report.bytes_after += segment.bytes = *bytes;
      collection.renew_segment(segment);
    }
  }
  return report;
}

CompactReport compact_collection(const std::filesystem::path& collection, const CompactOptions& options,
                                 const ProgressCallback& progress) {
  Collection opened = open_existing(collection);
  // Segments that are merged lose what was deleted, and need not be made again for it.
  const std::uint64_t merged = merge_encoded_segments(opened, options.memory_bytes, progress);
  CompactReport report = compact_segments(opened, options, progress);
  report.merged = merged;
  if (lacks_derived_dense(opened)) build_derived_dense(opened, {}, options.threads, progress);
  if (std::ranges::any_of(kBiasKinds, [&](std::string_view kind) { return !opened.segments(kind).empty(); })) {
    update_language_bias(opened, options.threads, progress);
  }
  opened.shrink();
  return report;
}

}  // namespace dragoman
