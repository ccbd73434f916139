#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "collection/allowed.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/sparse/sparse_index.h"
#include "lexical/segment_content.h"
#include "sparse/dimension_word.h"

namespace dragoman {
namespace {

void check_scale(float scale) {
  if (!(std::isfinite(scale) && scale > 0)) {
    throw InvalidArgument(fmt::format("sparse: the scale is {}, must be finite and above 0", scale));
  }
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
  return words_.write(path, stamp, [&](SegmentWriter& file) {
    file.add_array("passage_documents", std::span<const std::uint32_t>(documents_));
    file.add_array("passage_ranges", std::span<const std::uint64_t>(ranges_));
    file.add_array("scale", std::span<const float>(&scale_, 1));
  });
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

std::uint64_t write_remaining_sparse(const SparseSegment& segment, std::span<const std::uint8_t> live,
                                     const std::filesystem::path& path, std::string_view stamp) {
  // Weights out of the lists by passage; rounded again they are the same whole numbers.
  std::vector<std::vector<SparseWeight>> weights(segment.size());
  for (std::size_t term = 0; term < segment.words()->term_count(); ++term) {
    const std::string word = segment.words()->term(term);
    std::uint32_t dimension = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), dimension);
    if (error != std::errc() || end != word.data() + word.size()) {
      throw InvalidData(fmt::format("{}: '{}' is no dimension", segment.words()->path().string(), printable(word)));
    }
    const Postings postings = segment.words()->postings(word);
    for (std::size_t i = 0; i < postings.documents.size(); ++i) {
      const std::size_t place = postings.documents[i] - segment.first_passage();
      if (!is_allowed(live, segment.document(place))) continue;
      weights[place].push_back(
          {dimension, static_cast<float>(postings.frequencies[i]) * segment.scale() / static_cast<float>(kMostImpact)});
    }
  }
  SparseSegmentBuilder builder(segment.scale());
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (is_allowed(live, segment.document(i))) builder.add(segment.passage(i), weights[i]);
  }
  return builder.write(path, stamp);
}

}  // namespace dragoman
