#include "translate/marian/kernels_scalar.h"

#include <algorithm>
#include <cmath>

namespace dragoman::marian::scalar {

void quantize(const float* x, std::size_t n, float scale, Rectify rectify, std::uint8_t* bytes) {
  for (std::size_t i = 0; i < n; ++i) {
    const float value = rectify == Rectify::yes ? std::max(x[i], 0.0f) : x[i];
    bytes[i] = static_cast<std::uint8_t>(128 + std::lrint(std::clamp(value * scale, -127.0f, 127.0f)));
  }
}

void multiply(const FloatPanels& matrix, const float* x, std::size_t rows, float* y, std::size_t stride) {
  constexpr std::size_t kPanel = FloatPanels::kPanel;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t output = 0; output < matrix.outputs; ++output) {
      const float* panel = matrix.weights + output / kPanel * kPanel * matrix.inputs + output % kPanel;
      float sum = matrix.bias[output];
      for (std::size_t i = 0; i < matrix.inputs; ++i) {
        sum = std::fma(x[row * matrix.inputs + i], panel[i * kPanel], sum);
      }
      y[row * stride + output] = sum;
    }
  }
}

void recur(const float* value, const float* forget, std::size_t n, float* cell, float* output) {
  for (std::size_t i = 0; i < n; ++i) {
    const float keep = 1 / (1 + std::exp(-forget[i]));
    cell[i] = keep * cell[i] + (1 - keep) * value[i];
    output[i] += std::max(cell[i], 0.0f);
  }
}

void attend(const OneQuery& in, float* weights, float* context) {
  const std::size_t hidden = in.heads * in.head_dimension;
  for (std::size_t head = 0; head < in.heads; ++head) {
    const std::size_t first = head * in.head_dimension;
    float most = -INFINITY, sum = 0;
    for (std::size_t j = 0; j < in.tokens; ++j) {
      weights[j] = 0;
      for (std::size_t k = first; k < first + in.head_dimension; ++k) {
        weights[j] += in.query[k] * in.keys[k * in.padded + j];
      }
      most = std::max(most, weights[j]);
    }
    for (std::size_t j = 0; j < in.tokens; ++j) sum += weights[j] = std::exp(weights[j] - most);
    for (std::size_t k = first; k < first + in.head_dimension; ++k) {
      float mixed = 0;
      for (std::size_t j = 0; j < in.tokens; ++j) mixed += weights[j] * in.values[j * hidden + k];
      context[k] = mixed / sum;
    }
  }
}

float log_sum_exp(const float* x, std::size_t n) {
  const float most = *std::max_element(x, x + n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::exp(double{x[i]} - double{most});
  return most + static_cast<float>(std::log(sum));
}

}  // namespace dragoman::marian::scalar
