#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dragoman/encode/precision.h"
#include "encode/forward/aligned.h"
#include "encode/forward/int8_matrix.h"
#include "translate/marian/kernels.h"

namespace dragoman::marian {

/// Weights as a model file has them, [outputs, inputs] in 8 bits: value = byte / multiplier.
struct QuantizedWeights {
  const std::int8_t* values = nullptr;
  std::size_t outputs = 0, inputs = 0;
  float multiplier = 1;
  float input_multiplier = 1;  ///< What the inputs are multiplied with before they are rounded.
};

/// In place of an input multiplier: each row of inputs is rounded by its own largest number.
constexpr float kOwnMultiplier = 0;

/// Rows of inputs in the form that an Affine of some precision multiplies. Reused from call to call.
class Inputs {
 public:
  /// Takes in [rows, columns] of floats. In f32 nothing is copied unless negatives are rectified, in place.
  /// @param multiplier that of the Affine; nothing but int8 asks for it.
  void assign(Precision precision, float* x, std::size_t rows, std::size_t columns, float multiplier,
              Rectify rectify = Rectify::no);

  std::size_t rows() const { return rows_; }
  float multiplier() const { return multiplier_; }
  const float* f32() const { return f32_; }
  Int8Rows int8() const { return {bytes_.data(), stride_, scales_.data(), rows_}; }

 private:
  std::size_t rows_ = 0, stride_ = 0;
  float multiplier_ = 0;
  const float* f32_ = nullptr;
  AlignedVector<std::uint8_t> bytes_;
  AlignedVector<float> scales_;
};

/// y = x W^T + b. In int8 inputs are rounded, by the multiplier that the model brings, as Marian does
/// (int8shiftAlphaAll), or by their own largest number, and sums are whole numbers. In f32 nothing is rounded; weights
/// that are in 8 bits are widened. A row's result depends on that row alone. Immutable, thread-safe.
class Affine {
 public:
  Affine() = default;
  /// @param bias [outputs], or empty for zeros.
  /// @param gain of the results: y is multiplied by it.
  Affine(Precision precision, const QuantizedWeights& weights, std::span<const float> bias, float gain = 1);
  /// Of some rows of the weights alone; `bias` has one for each row of the weights.
  Affine(Precision precision, const QuantizedWeights& weights, std::span<const float> bias,
         std::span<const std::uint32_t> rows, float gain = 1);

  /// Of weights [outputs, inputs] that nobody has rounded; in int8 each output gets a scale of its own.
  Affine(Precision precision, std::span<const float> weights, std::span<const float> bias, std::size_t outputs,
         std::size_t inputs, float gain = 1);

  std::size_t outputs() const { return outputs_; }
  /// What Inputs::assign must be given.
  float input_multiplier() const { return input_multiplier_; }

  /// @param y [rows, stride]
  void apply(const Inputs& x, float* y, std::size_t stride) const;
  /// Of some of the rows alone.
  void apply(const Inputs& x, std::size_t first_row, std::size_t rows, float* y, std::size_t stride) const;

 private:
  void make_panels();
  float& panel(std::size_t output, std::size_t input);

  std::size_t outputs_ = 0, inputs_ = 0;
  float input_multiplier_ = 1;
  std::optional<Int8Matrix> int8_;
  AlignedVector<float> panels_, bias_;
};

}  // namespace dragoman::marian
