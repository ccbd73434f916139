#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "encode/forward/aligned.h"
#include "encode/forward/kernels.h"

namespace dragoman {

/// A matrix [outputs, inputs] in 8 bits with a scale per output, laid out for dot products of four:
/// panels of 64 outputs, each [inputs / 4][64][4], padded with zeros.
struct Int8Matrix {
  static constexpr std::size_t kPanel = 64;

  /// @param weights [outputs, inputs], row-major; @param bias [outputs], or empty for zeros.
  /// @param zero    Levelling::zero() of the activations.
  Int8Matrix(std::span<const float> weights, std::span<const float> bias, std::size_t outputs, std::size_t inputs,
             int zero = 128);

  /// Weights that are in 8 bits already, with one scale: output i is row rows[i] of them. Zero of activations: 128.
  /// @param weights [any number of rows, inputs], row-major; @param bias one for each of its rows, or empty for zeros.
  Int8Matrix(const std::int8_t* weights, std::span<const std::uint32_t> rows, float scale, std::span<const float> bias,
             std::size_t inputs);

  std::size_t outputs = 0, inputs = 0;
  std::size_t groups = 0;             ///< Of four inputs.
  AlignedVector<std::int8_t> panels;  ///< [padded outputs / 64][groups][64][4]
  AlignedVector<float> scales;        ///< [padded outputs]
  AlignedVector<float> bias;          ///< [padded outputs]
  AlignedVector<std::int32_t> start;  ///< [padded outputs] -zero * sum of the output's weights.
};

/// Rows of activations in 8 bits, each with its own scale: value = scale * (byte - zero).
struct Int8Rows {
  const std::uint8_t* values = nullptr;  ///< [rows, stride], padded to groups of four with anything.
  std::size_t stride = 0;
  const float* scales = nullptr;  ///< [rows]
  std::size_t rows = 0;
};

/// What becomes of the products, and where they go.
enum class Effect {
  store,      ///< f32
  add,        ///< f32, added to what is there
  gelu,       ///< f32, through GELU to within 0.0002 + 0.00005 |x|, far below the step of the 8 bits that follow
  store_bf16  ///< bfloat16, rounded to nearest even
};

struct Int8Output {
  Effect effect = Effect::store;
  void* values = nullptr;  ///< float or std::uint16_t [rows, stride]
  std::size_t stride = 0;
};

/// rows x outputs products. The sums are whole numbers, so a row's result depends on nothing but that row.
/// Runs on AVX-512 VNNI where the processor has it, else as portable code. Thread-safe.
void multiply(const Int8Matrix& matrix, const Int8Rows& rows, const Int8Output& output);

/// The portable twin.
void multiply_portable(const Int8Matrix& matrix, const Int8Rows& rows, const Int8Output& output);

/// quantize() of kernels.h, by the shortest way this processor has.
float quantize_row(const float* x, std::size_t n, const Levelling& levelling, std::uint8_t* out);

/// Whether this processor multiplies 8-bit numbers fast (AVX-512 VNNI).
bool has_fast_int8();

}  // namespace dragoman
