#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "encode/forward/aligned.h"
#include "encode/forward/kernels.h"

namespace dragoman {

/// Rows of numbers in the form that a Linear of some precision multiplies. Reused from call to call.
class Rows {
 public:
  /// Takes in [rows, columns] of floats. In f32 nothing is copied: `x` must stay as it is while the rows are used.
  /// @param levelling that of the Linear; nothing but int8 asks for it.
  void assign(Precision precision, const float* x, std::size_t rows, std::size_t columns,
              const Levelling& levelling = {});

  std::size_t rows() const { return rows_; }
  std::size_t stride() const { return stride_; }
  const float* f32() const { return f32_; }
  const std::uint16_t* bf16() const { return bf16_.data(); }
  const std::uint8_t* int8() const { return int8_.data(); }
  const float* scales() const { return scales_.data(); }

 private:
  std::size_t rows_ = 0, stride_ = 0;
  const float* f32_ = nullptr;
  AlignedVector<std::uint16_t> bf16_;
  AlignedVector<std::uint8_t> int8_;
  AlignedVector<float> scales_;
};

/// What a Linear does with its results.
enum class Then { store, add, gelu };

/// y = x W^T + b for many rows x, in one precision. Thread-safe.
class Linear {
 public:
  virtual ~Linear() = default;

  /// The form that rows must have.
  virtual Precision precision() const = 0;

  /// How rows in 8 bits must be levelled; it lives as long as the Linear.
  virtual Levelling levelling() const { return {}; }

  /// @param y [rows, stride] floats, set to the result, or the result added (Then::add), or set to the GELU of it.
  virtual void apply(const Rows& x, Then then, float* y, std::size_t stride) const = 0;

  /// The same in bfloat16, stored.
  virtual void apply_bf16(const Rows& x, std::uint16_t* y, std::size_t stride) const = 0;
};

/// What an input of a Linear is like over many texts, column by column.
struct InputStatistics {
  std::vector<float> mean = {};       ///< [inputs], or empty where nobody measured.
  std::vector<float> deviation = {};  ///< Standard deviation, [inputs]; empty if mean is.
  /// A column is divided by its deviation to this power before it is rounded, and the weights are multiplied by it: at
  /// 1 all columns are rounded alike, at 0 by the largest.
  float power = 0.5f;
  std::optional<float> least = {};  ///< No input is below it. Where it is known, it stands for the mean.
};

/// @param weights [outputs, inputs], row-major; @param bias [outputs], or empty for zeros. Both are copied.
/// @param statistics of the input. Only int8 looks at them: a few columns of a transformer's states are many times
///                   larger than the rest, and one scale for all would round the rest away.
/// @throws InvalidArgument if this processor cannot multiply in that precision.
std::unique_ptr<Linear> make_linear(Precision precision, std::span<const float> weights, std::span<const float> bias,
                                    std::size_t outputs, std::size_t inputs, const InputStatistics& statistics = {});

/// Whether a precision is faster here than the one before it in the order f32, bf16, int8.
bool is_fast(Precision precision);

}  // namespace dragoman
