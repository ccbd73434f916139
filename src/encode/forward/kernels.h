#pragma once

#include <cstddef>
#include <cstdint>

namespace dragoman {

/// What stands between the two matrices of a feed-forward layer. gelu is the exact one, gelu_tanh its approximation.
enum class Activation { gelu, gelu_tanh, relu, silu };

// The parts of a forward pass between the matrix products, for one row or one sequence each. Vector code for the
// processor at hand (Highway); kernels_scalar.h has the same in plain C++, which the tests hold them to. Thread-safe.

/// x = (x - mean) / sqrt(variance + epsilon) * weight + bias, over one row of n.
/// Ba, Kiros and Hinton, "Layer Normalization", 2016.
void layer_norm(float* x, std::size_t n, const float* weight, const float* bias, float epsilon);

/// How a row's columns are brought to one size before one scale rounds them all: y[i] = (x[i] - centre[i]) * gain[i].
struct Levelling {
  const float* centre = nullptr;  ///< [n]; null leaves y = x.
  const float* gain = nullptr;    ///< [n]; null if centre is.
  bool one_sided = false;         ///< No y is below 0, but for rounding.

  /// The byte that stands for 0.
  int zero() const { return one_sided ? 0 : 128; }
};

/// Rounds a levelled row to 8 bits, zero() + round(y[i] / scale), and returns scale: max |y| / 127, or max y / 255 for
/// one-sided rows. A row of zeros gives the byte of 0 and scale 0.
float quantize(const float* x, std::size_t n, const Levelling& levelling, std::uint8_t* out);

/// Rounds to bfloat16, to nearest even.
void to_bf16(const float* x, std::size_t n, std::uint16_t* out);

/// x = activation(x), to within 3e-7 of the largest of 1 and |x|.
void activate(Activation activation, float* x, std::size_t n);

/// x *= y.
void multiply(float* x, const float* y, std::size_t n);

/// sum += x.
void add(float* sum, const float* x, std::size_t n);

/// The sum of x[i] * y[i], in lanes: the order of additions depends on the processor.
float dot(const float* x, const float* y, std::size_t n);

/// The first index from `from` on where x is above `floor`; n if there is none.
std::size_t next_above(const float* x, std::size_t from, std::size_t n, float floor);

/// Self-attention of one sequence: queries, keys and values lie in the rows of qkv, each [heads, head_dimension].
/// Queries are scaled beforehand so that a weight is 2^<query, key>: by log2(e) / sqrt(head_dimension), Vaswani et al.,
/// "Attention Is All You Need", 2017, section 3.2.1.
struct AttentionInput {
  const float* qkv = nullptr;  ///< [tokens, row_stride]
  std::size_t row_stride = 0, tokens = 0, heads = 0, head_dimension = 0;
};

/// Floats of scratch memory that attention() needs.
std::size_t attention_scratch(std::size_t tokens, std::size_t head_dimension);

/// @param context [tokens, heads * head_dimension]. O(tokens^2 * heads * head_dimension).
void attention(const AttentionInput& input, float* context, float* scratch);

}  // namespace dragoman
