#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dense/quantize.h"
#include "dense/scan_kernels.h"

namespace dragoman {

/// Bytes of a row of int8 codes: the dimensions, filled up to whole registers.
inline constexpr std::size_t row_stride(std::size_t dimension) { return (dimension + 63) / 64 * 64; }

/// Codes of int8, passage by passage, for what jumps from one to another: 1 byte a dimension and 4 a passage.
struct RowCodes {
  std::size_t stride = 0;
  std::span<const std::uint8_t> bytes;  ///< [passages, stride], each 128 more than the code.
  std::span<const float> scales;        ///< [passages].

  const std::uint8_t* row(std::size_t i) const { return bytes.data() + i * stride; }
  std::size_t size() const { return scales.size(); }
};

/// A query, or a row that others are compared with, as the kernels take it.
class RowQuery {
 public:
  explicit RowQuery(std::size_t stride) : codes_(stride) {}

  void set(std::span<const float> vector) {
    std::ranges::fill(codes_, std::int8_t{0});
    scale_ = quantize_int8(vector, std::span(codes_).first(vector.size()));
    sum_up();
  }

  void set(const RowCodes& rows, std::size_t i) {
    const std::uint8_t* row = rows.row(i);
    for (std::size_t j = 0; j < codes_.size(); ++j) codes_[j] = static_cast<std::int8_t>(row[j] - kInt8Zero);
    scale_ = rows.scales[i];
    sum_up();
  }

  /// Approximate inner products with some rows.
  void scores(const RowCodes& rows, std::span<const std::uint32_t> chosen, float* out) {
    dots_.resize(chosen.size());
    dot_int8_rows(rows.bytes.data(), rows.stride, chosen.data(), chosen.size(), codes_.data(), dots_.data());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      out[i] = static_cast<float>(dots_[i] - zero_) * (scale_ * rows.scales[chosen[i]]);
    }
  }

 private:
  void sum_up() {
    zero_ = 0;
    for (const std::int8_t code : codes_) zero_ += kInt8Zero * code;
  }

  std::vector<std::int8_t> codes_;
  std::vector<std::int32_t> dots_;
  float scale_ = 0;
  std::int32_t zero_ = 0;
};

}  // namespace dragoman
