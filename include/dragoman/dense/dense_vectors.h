#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/dense/dense_segment.h"

namespace dragoman {

/// The vectors of all segments under one numbering: passages by ascending document. What is derived from vectors
/// (codes, graphs, lists) names them by these numbers. 4 bytes a passage beside the mapped segments. Thread-safe.
class DenseVectors {
 public:
  /// @param segments by ascending document. @throws InvalidData if they are of different dimensions.
  explicit DenseVectors(std::vector<std::shared_ptr<const DenseSegment>> segments);

  std::size_t size() const { return documents_.size(); }
  /// 0 without segments.
  std::size_t dimension() const { return dimension_; }

  DocumentNumber document(std::size_t i) const { return documents_[i]; }
  std::span<const std::uint32_t> documents() const { return documents_; }
  std::span<const float> vector(std::size_t i) const;
  Passage passage(std::size_t i) const;
  /// The length of the longest vector, rounded up.
  float greatest_norm() const { return greatest_norm_; }

  /// Number of the first passage whose document is `first` or later.
  std::size_t first_passage_of(DocumentNumber first) const;

  /// The segments, and the number of the first passage of each.
  std::span<const std::shared_ptr<const DenseSegment>> segments() const { return segments_; }
  std::span<const std::size_t> starts() const { return starts_; }

 private:
  std::size_t segment_of(std::size_t i) const;

  std::vector<std::shared_ptr<const DenseSegment>> segments_;
  std::vector<std::size_t> starts_;
  std::vector<std::uint32_t> documents_;
  std::size_t dimension_ = 0;
  float greatest_norm_ = 0;
};

}  // namespace dragoman
