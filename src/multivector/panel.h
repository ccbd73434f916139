#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dragoman/multivector/max_sim.h"
#include "encode/forward/aligned.h"
#include "multivector/kernels.h"

namespace dragoman {

/// Largest number of a vector, and of what it is multiplied with: products of two, over all dimensions, are finite.
inline constexpr float kLargestValue = 1e15f;

/// Dimensions as they are stored: whole blocks of codes.
inline std::size_t padded_dimension(std::size_t dimension, unsigned bits) {
  return round_up(dimension, kCodeBlock * 8 / bits);
}

/// The highest number of a panel: 8191, or less where sums of products with 8-bit numbers would not fit into 32 bits.
std::int32_t panel_limit(std::size_t padded);

/// Vectors as the kernels multiply them (kernels.h).
class Panel {
 public:
  /// Each row with a unit of its own, so that its largest number becomes the limit: 13 bits and a sign.
  /// @param weights [rows.columns], which each row is multiplied with first, or null.
  Panel(MatrixView rows, const float* weights, std::size_t padded);

  /// Rows that are whole numbers already, [count, padded]; units are 1.
  Panel(const std::int16_t* rows, std::size_t count, std::size_t padded);

  PanelView view() const { return {values_.data(), units_.data(), lanes_, pairs_}; }
  std::size_t lanes() const { return lanes_; }

 private:
  std::size_t lanes_, pairs_;
  AlignedVector<std::int16_t> values_;
  AlignedVector<float> units_;
};

/// Vectors as whole multiples of `unit`, padded with zeros; what is beyond the limit is cut to it.
void to_points(const float* rows, std::size_t count, std::size_t dimension, std::size_t padded, float unit,
               std::int16_t* out);

}  // namespace dragoman
