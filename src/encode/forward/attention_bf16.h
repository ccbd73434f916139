#pragma once

#include <cstddef>
#include <cstdint>

// What attention_bf16.cpp needs, in plain types (see int8_vnni.h).
namespace dragoman::bf16 {

/// Self-attention of one sequence in bfloat16, as attention() of kernels.h.
struct Attention {
  const std::uint16_t* qkv;  ///< [tokens, row_stride]: queries, keys, values, each [heads, head_dimension].
  std::size_t row_stride, tokens, heads, head_dimension;
  float* context;  ///< [tokens, context_stride]
  std::size_t context_stride;
  void* scratch;  ///< scratch_bytes(tokens, head_dimension), aligned to 64.
};

std::size_t scratch_bytes(std::size_t tokens, std::size_t head_dimension);

/// The head dimension must be a multiple of 32.
void attention(const Attention& call);

}  // namespace dragoman::bf16
