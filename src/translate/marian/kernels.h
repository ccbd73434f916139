#pragma once

#include <cstddef>
#include <cstdint>

// The parts of a Marian model's forward pass that encode/forward/kernels.h has not. Vector code for the processor at
// hand (Highway); kernels_scalar.h has the same in plain C++, which the tests hold them to. Thread-safe. A row's result
// depends on that row alone, so a sentence is translated to the same bits in any company.
namespace dragoman::marian {

/// What stands in for a negative input before it is rounded.
enum class Rectify { no, yes };

/// bytes[i] = 128 + clamp(round(scale * x[i]), -127, 127), halves to even: Marian's rounding of activations by a scale
/// that the model brings (int8shiftAlphaAll), with 128 for its 127 as the byte of zero.
void quantize(const float* x, std::size_t n, float scale, Rectify rectify, std::uint8_t* bytes);

/// A matrix of floats for multiply(): panels of 64 outputs, [outputs / 64][inputs][64], padded with zeros.
struct FloatPanels {
  static constexpr std::size_t kPanel = 64;
  const float* weights = nullptr;
  const float* bias = nullptr;  ///< [padded outputs]
  std::size_t outputs = 0, inputs = 0;
};

/// y[r][o] = bias[o] + sum_i x[r][i] * w[o][i], each sum taken in the order of i by fused multiply-add.
/// @param x [rows, inputs]; @param y [rows, stride].
void multiply(const FloatPanels& matrix, const float* x, std::size_t rows, float* y, std::size_t stride);

/// One step of the simpler simple recurrent unit (Kim et al., "From Research to Production and Back: Ludicrously Fast
/// Neural Machine Translation", WNGT 2019, section 3.1):
///
///     cell = f * cell + (1 - f) * value,  f = sigmoid(forget);   output += relu(cell)
void recur(const float* value, const float* forget, std::size_t n, float* cell, float* output);

/// Attention of one query to the tokens of a sentence.
struct OneQuery {
  const float* query = nullptr;   ///< [heads * head_dimension], scaled so that a weight is e^<query, key>.
  const float* keys = nullptr;    ///< [heads * head_dimension][padded], one row a column of the keys; 0 behind tokens.
  const float* values = nullptr;  ///< [tokens][heads * head_dimension]
  std::size_t tokens = 0, padded = 0, heads = 0, head_dimension = 0;  ///< padded: a multiple of kTokenStep.
};
constexpr std::size_t kTokenStep = 16;

/// @param weights scratch, [padded]; @param context [heads * head_dimension].
void attend(const OneQuery& input, float* weights, float* context);

/// log(sum_i e^x[i]).
float log_sum_exp(const float* x, std::size_t n);

}  // namespace dragoman::marian
