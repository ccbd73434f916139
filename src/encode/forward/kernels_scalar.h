#pragma once

#include "encode/forward/kernels.h"

// The kernels in plain C++, one formula a function: what the vector code is tested against.
namespace dragoman::scalar {

void layer_norm(float* x, std::size_t n, const float* weight, const float* bias, float epsilon);
float quantize(const float* x, std::size_t n, const Levelling& levelling, std::uint8_t* out);
void to_bf16(const float* x, std::size_t n, std::uint16_t* out);
void activate(Activation activation, float* x, std::size_t n);
void attention(const AttentionInput& input, float* context);

}  // namespace dragoman::scalar
