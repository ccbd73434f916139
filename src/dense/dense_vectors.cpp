#include "dragoman/dense/dense_vectors.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"

namespace dragoman {

DenseVectors::DenseVectors(std::vector<std::shared_ptr<const DenseSegment>> segments) : segments_(std::move(segments)) {
  for (const auto& segment : segments_) {
    if (dimension_ == 0) dimension_ = segment->dimension();
    if (segment->dimension() != dimension_) {
      throw InvalidData(
          fmt::format("dense segments of {} and of {} dimensions in one index", dimension_, segment->dimension()));
    }
    starts_.push_back(documents_.size());
    greatest_norm_ = std::max(greatest_norm_, segment->greatest_norm());
    const auto documents = segment->documents();
    documents_.insert(documents_.end(), documents.begin(), documents.end());
  }
  if (!std::ranges::is_sorted(documents_)) throw InvalidData("dense segments whose documents do not ascend");
}

std::size_t DenseVectors::segment_of(std::size_t i) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(starts_, i) - starts_.begin()) - 1;
}

std::span<const float> DenseVectors::vector(std::size_t i) const {
  const std::size_t segment = segment_of(i);
  return segments_[segment]->vector(i - starts_[segment]);
}

Passage DenseVectors::passage(std::size_t i) const {
  const std::size_t segment = segment_of(i);
  return segments_[segment]->passage(i - starts_[segment]);
}

std::size_t DenseVectors::first_passage_of(DocumentNumber first) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(documents_, first) - documents_.begin());
}

}  // namespace dragoman
