#pragma once

#include "translate/marian/kernels.h"

// kernels.h in plain C++: what the vector code is held to.
namespace dragoman::marian::scalar {

void quantize(const float* x, std::size_t n, float scale, Rectify rectify, std::uint8_t* bytes);
void multiply(const FloatPanels& matrix, const float* x, std::size_t rows, float* y, std::size_t stride);
void recur(const float* value, const float* forget, std::size_t n, float* cell, float* output);
void attend(const OneQuery& input, float* weights, float* context);
float log_sum_exp(const float* x, std::size_t n);

}  // namespace dragoman::marian::scalar
