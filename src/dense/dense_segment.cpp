#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dense/all_finite.h"
#include "dragoman/base/error.h"
#include "dragoman/dense/dense_segment.h"
#include "dragoman/dense/flat_index.h"

namespace dragoman {
namespace {

constexpr std::string_view kKind = "dense";

/// Rounded up. @param vectors [n, dimension].
float greatest_norm_of(std::span<const float> vectors, std::size_t dimension) {
  float greatest = 0;
  for (; !vectors.empty(); vectors = vectors.subspan(dimension)) {
    greatest = std::max(greatest, inner_product(vectors.first(dimension), vectors.first(dimension)));
  }
  return std::sqrt(greatest) * (1 + static_cast<float>(dimension) * 0x1p-23f);
}

}  // namespace

void DenseSegmentBuilder::add(const Passage& passage, std::span<const float> vector) {
  if (vector.size() != dimension_) {
    throw InvalidArgument(fmt::format("dense: vector has {} values, the index {}", vector.size(), dimension_));
  }
  if (!all_finite(vector)) {
    throw InvalidArgument(
        fmt::format("dense: the vector of document number {} holds a value that is not finite", passage.document));
  }
  vectors_.insert(vectors_.end(), vector.begin(), vector.end());
  documents_.push_back(passage.document);
  ranges_.push_back(passage.range.begin);
  ranges_.push_back(passage.range.end);
}

std::uint64_t DenseSegmentBuilder::write(const std::filesystem::path& path, std::string_view stamp) const {
  SegmentWriter writer(path, std::string(kKind), std::string(stamp));
  const std::uint64_t dimension = dimension_;
  writer.add_array("dimension", std::span(&dimension, 1));
  writer.add_array("vectors", std::span(vectors_));
  writer.add_array("documents", std::span(documents_));
  writer.add_array("ranges", std::span(ranges_));
  const float norm = greatest_norm_of(vectors_, dimension_);
  writer.add_array("greatest_norm", std::span(&norm, 1));
  return writer.commit();
}

DenseSegment::DenseSegment(const std::filesystem::path& path, std::string_view stamp)
    : reader_(path, kKind, stamp),
      vectors_(reader_.array<float>("vectors")),
      documents_(reader_.array<std::uint32_t>("documents")),
      ranges_(reader_.array<std::uint64_t>("ranges")) {
  const auto dimension = reader_.array<std::uint64_t>("dimension");
  if (dimension.size() == 1) dimension_ = dimension[0];
  reader_.check(dimension_ > 0 && vectors_.size() % dimension_ == 0 &&
                vectors_.size() / dimension_ == documents_.size() && ranges_.size() / 2 == documents_.size() &&
                ranges_.size() % 2 == 0 && std::ranges::is_sorted(documents_) && ranges_are_ranges());
  if (!reader_.has("greatest_norm")) {  // It is of an older version.
    greatest_norm_ = greatest_norm_of(vectors_, dimension_);
    return;
  }
  const auto norm = reader_.array<float>("greatest_norm");
  reader_.check(norm.size() == 1 && norm[0] >= 0);
  greatest_norm_ = norm[0];
}

bool DenseSegment::ranges_are_ranges() const {
  for (std::size_t i = 0; i + 1 < ranges_.size(); i += 2) {
    if (ranges_[i] > ranges_[i + 1]) return false;
  }
  return true;
}

Passage DenseSegment::passage(std::size_t i) const { return {documents_[i], {ranges_[2 * i], ranges_[2 * i + 1]}}; }

}  // namespace dragoman
