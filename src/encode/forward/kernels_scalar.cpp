#include "encode/forward/kernels_scalar.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <vector>

namespace dragoman::scalar {

void layer_norm(float* x, std::size_t n, const float* weight, const float* bias, float epsilon) {
  double mean = 0, variance = 0;
  for (std::size_t i = 0; i < n; ++i) mean += x[i];
  mean /= static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) variance += (x[i] - mean) * (x[i] - mean);
  variance /= static_cast<double>(n);
  const double scale = 1 / std::sqrt(variance + epsilon);
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>((x[i] - mean) * scale * weight[i] + bias[i]);
}

float quantize(const float* x, std::size_t n, const Levelling& levelling, std::uint8_t* out) {
  const auto level = [&](std::size_t i) {
    return levelling.centre ? (x[i] - levelling.centre[i]) * levelling.gain[i] : x[i];
  };
  const float steps = levelling.one_sided ? 255 : 127;
  float largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    largest = std::max(largest, levelling.one_sided ? level(i) : std::fabs(level(i)));
  }
  const float inverse = largest > 0 ? steps / largest : 0;
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = static_cast<std::uint8_t>(std::max(0L, levelling.zero() + std::lrint(level(i) * inverse)));
  }
  return largest / steps;
}

void to_bf16(const float* x, std::size_t n, std::uint16_t* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(x[i]);
    out[i] = static_cast<std::uint16_t>((bits + (bits >> 16 & 1) + 0x7FFF) >> 16);
  }
}

void activate(Activation activation, float* x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double v = x[i];
    switch (activation) {
      case Activation::gelu:
        x[i] = static_cast<float>(0.5 * v * (1 + std::erf(v / std::numbers::sqrt2)));
        break;
      case Activation::gelu_tanh:
        x[i] =
            static_cast<float>(0.5 * v * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (v + 0.044715 * v * v * v))));
        break;
      case Activation::relu:
        x[i] = std::max(x[i], 0.0f);
        break;
      case Activation::silu:
        x[i] = static_cast<float>(v / (1 + std::exp(-v)));
        break;
    }
  }
}

void attention(const AttentionInput& input, float* context) {
  const std::size_t d = input.head_dimension, hidden = input.heads * d;
  std::vector<double> weights(input.tokens);
  for (std::size_t head = 0; head < input.heads; ++head) {
    for (std::size_t i = 0; i < input.tokens; ++i) {
      const float* query = input.qkv + i * input.row_stride + head * d;
      double sum = 0;
      for (std::size_t j = 0; j < input.tokens; ++j) {
        const float* key = input.qkv + j * input.row_stride + hidden + head * d;
        double score = 0;
        for (std::size_t k = 0; k < d; ++k) score += static_cast<double>(query[k]) * key[k];
        sum += weights[j] = std::exp2(score);
      }
      for (std::size_t k = 0; k < d; ++k) {
        double mixed = 0;
        for (std::size_t j = 0; j < input.tokens; ++j) {
          mixed += weights[j] * input.qkv[j * input.row_stride + 2 * hidden + head * d + k];
        }
        context[i * hidden + head * d + k] = static_cast<float>(mixed / sum);
      }
    }
  }
}

}  // namespace dragoman::scalar
