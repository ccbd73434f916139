#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "collection/allowed.h"
#include "dragoman/base/error.h"
#include "dragoman/sparse/sparse_index.h"
#include "lexical/merge_segments.h"
#include "lexical/segment_content.h"
#include "sparse/dimension_word.h"

namespace dragoman {
namespace {

void check_scale(float scale) {
  if (!(std::isfinite(scale) && scale > 0)) {
    throw InvalidArgument(fmt::format("sparse: the scale is {}, must be finite and above 0", scale));
  }
}

void write_passages(SegmentWriter& file, std::span<const std::uint32_t> documents,
                    std::span<const std::uint64_t> ranges, float scale) {
  file.add_array("passage_documents", documents);
  file.add_array("passage_ranges", ranges);
  file.add_array("scale", std::span<const float>(&scale, 1));
}

}  // namespace

SparseSegmentBuilder::SparseSegmentBuilder(float scale, LexicalBuildOptions options)
    : scale_(scale), words_(std::move(options)) {
  check_scale(scale);
}

void SparseSegmentBuilder::add(const Passage& passage, std::span<const SparseWeight> weights) {
  if (!documents_.empty() && passage.document < documents_.back()) {
    throw InvalidArgument(
        fmt::format("sparse: document number {} comes after {}", passage.document, documents_.back()));
  }
  const ImpactQuantizer quantize{.most = scale_};
  std::vector<DimensionWord> words;
  std::vector<TermFrequency> impacts;
  words.reserve(weights.size());
  std::uint64_t clipped = 0;
  for (const SparseWeight& weight : weights) {
    if (!(std::isfinite(weight.weight) && weight.weight >= 0)) {
      throw InvalidArgument(
          fmt::format("sparse: dimension {} of document number {} weighs {}, must be finite and not "
                      "negative",
                      weight.dimension, passage.document, weight.weight));
    }
    clipped += weight.weight > scale_;
    const std::uint32_t impact = quantize(weight.weight);
    if (impact == 0) continue;
    words.emplace_back(weight.dimension);
    impacts.push_back({words.back().view(), impact});
  }
  words_.add_weighted(static_cast<DocumentNumber>(documents_.size()), Language(), impacts);
  documents_.push_back(passage.document);
  ranges_.push_back(passage.range.begin);
  ranges_.push_back(passage.range.end);
  clipped_ += clipped;
}

std::uint64_t SparseSegmentBuilder::write(const std::filesystem::path& path, std::string_view stamp) {
  return words_.write(path, stamp, [&](SegmentWriter& file) { write_passages(file, documents_, ranges_, scale_); });
}

SparseSegment::SparseSegment(const std::filesystem::path& path, std::string_view stamp, std::uint32_t first_passage)
    : words_(std::make_shared<const LexicalSegment>(path, stamp, first_passage)) {
  const SegmentReader& reader = words_->content().reader;
  documents_ = reader.array<std::uint32_t>("passage_documents");
  ranges_ = reader.array<std::uint64_t>("passage_ranges");
  const auto scale = reader.array<float>("scale");
  bool consistent = documents_.size() == words_->document_count() && ranges_.size() == 2 * documents_.size() &&
                    std::ranges::is_sorted(documents_) && scale.size() == 1 && std::isfinite(scale[0]) && scale[0] > 0;
  for (std::size_t i = 0; consistent && i < ranges_.size(); i += 2) consistent = ranges_[i] <= ranges_[i + 1];
  reader.check(consistent);
  scale_ = scale[0];
}

Passage SparseSegment::passage(std::size_t i) const { return {documents_[i], {ranges_[2 * i], ranges_[2 * i + 1]}}; }

std::uint64_t merge_sparse_segments(std::span<const std::shared_ptr<const SparseSegment>> segments,
                                    std::span<const std::uint8_t> live, const std::filesystem::path& path,
                                    std::string_view stamp) {
  if (segments.empty()) throw InvalidArgument("sparse: no segments to merge");
  const float scale = segments.front()->scale();
  std::vector<std::shared_ptr<const LexicalSegment>> words;
  const SparseSegment* last = nullptr;  // With passages.
  for (const auto& segment : segments) {
    if (segment->scale() != scale) {
      throw InvalidArgument(fmt::format("sparse: {} has the scale {}, {} has {}", segment->words()->path().string(),
                                        segment->scale(), segments.front()->words()->path().string(), scale));
    }
    words.push_back(segment->words());
    if (segment->size() == 0) continue;
    if (last != nullptr && segment->document(0) <= last->document(last->size() - 1)) {
      throw InvalidArgument(fmt::format("sparse: documents of {} do not follow those of {}",
                                        segment->words()->path().string(), last->words()->path().string()));
    }
    last = segment.get();
  }
  std::vector<std::uint32_t> documents;
  std::vector<std::uint64_t> ranges;
  const auto keep = [&](std::size_t s, std::size_t i) {
    const Passage passage = segments[s]->passage(i);
    if (!is_allowed(live, passage.document)) return false;
    documents.push_back(passage.document);
    ranges.push_back(passage.range.begin);
    ranges.push_back(passage.range.end);
    return true;
  };
  return merge_inverted_segments(words, keep, path, stamp,
                                 [&](SegmentWriter& file) { write_passages(file, documents, ranges, scale); });
}

}  // namespace dragoman
