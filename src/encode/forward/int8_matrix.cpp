#include "encode/forward/int8_matrix.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "encode/forward/kernels.h"
#include "encode/forward/processor.h"
#if defined(__x86_64__)
#include "encode/forward/int8_vnni.h"
#endif

namespace dragoman {

Int8Matrix::Int8Matrix(std::span<const float> weights, std::span<const float> given_bias, std::size_t rows,
                       std::size_t columns, int zero)
    : outputs(rows), inputs(columns), groups((columns + 3) / 4) {
  const std::size_t padded = round_up(outputs, kPanel);
  panels.assign(padded * groups * 4, 0);
  scales.assign(padded, 0);
  bias.assign(padded, 0);
  start.assign(padded, 0);
  std::ranges::copy(given_bias, bias.begin());
  for (std::size_t output = 0; output < outputs; ++output) {
    const auto row = weights.subspan(output * inputs, inputs);
    float largest = 0;
    for (const float w : row) largest = std::max(largest, std::fabs(w));
    scales[output] = largest / 127;
    const float inverse = largest > 0 ? 127 / largest : 0;
    std::int8_t* panel = panels.data() + output / kPanel * kPanel * groups * 4;
    std::int32_t sum = 0;
    for (std::size_t input = 0; input < inputs; ++input) {
      const auto q = static_cast<std::int8_t>(std::lrint(row[input] * inverse));
      panel[input / 4 * kPanel * 4 + output % kPanel * 4 + input % 4] = q;
      sum += q;
    }
    start[output] = -zero * sum;
  }
}

Int8Matrix::Int8Matrix(const std::int8_t* weights, std::span<const std::uint32_t> rows, float scale,
                       std::span<const float> given_bias, std::size_t columns)
    : outputs(rows.size()), inputs(columns), groups((columns + 3) / 4) {
  const std::size_t padded = round_up(outputs, kPanel);
  panels.resize(padded * groups * 4);
  scales.assign(padded, scale);
  bias.assign(padded, 0);
  start.assign(padded, 0);
  for (std::size_t output = 0; output < outputs; ++output) {
    const std::int8_t* row = weights + std::size_t{rows[output]} * inputs;
    if (!given_bias.empty()) bias[output] = given_bias[rows[output]];
    std::int8_t* panel = panels.data() + output / kPanel * kPanel * groups * 4 + output % kPanel * 4;
    std::int32_t sum = 0;
    for (std::size_t group = 0; group < inputs / 4; ++group) {
      std::memcpy(panel + group * kPanel * 4, row + 4 * group, 4);
    }
    for (std::size_t input = inputs / 4 * 4; input < inputs; ++input) {
      panel[input / 4 * kPanel * 4 + input % 4] = row[input];
    }
    for (std::size_t input = 0; input < inputs; ++input) sum += row[input];
    start[output] = -128 * sum;
  }
}

void multiply_portable(const Int8Matrix& matrix, const Int8Rows& rows, const Int8Output& output) {
  constexpr std::size_t kPanel = Int8Matrix::kPanel;
  for (std::size_t first = 0; first < matrix.outputs; first += kPanel) {
    const std::size_t count = std::min(kPanel, matrix.outputs - first);
    const std::int8_t* panel = matrix.panels.data() + first * matrix.groups * 4;
    for (std::size_t row = 0; row < rows.rows; ++row) {
      const std::uint8_t* a = rows.values + row * rows.stride;
      std::int32_t sums[kPanel];
      std::copy_n(matrix.start.data() + first, kPanel, sums);
      for (std::size_t group = 0; group < matrix.groups; ++group) {
        const std::int8_t* b = panel + group * kPanel * 4;
        for (std::size_t i = 0; i < kPanel; ++i) {
          for (std::size_t k = 0; k < 4; ++k) sums[i] += a[4 * group + k] * b[4 * i + k];
        }
      }
      for (std::size_t i = 0; i < count; ++i) {
        const float scale = rows.scales[row] * matrix.scales[first + i];
        const float x = std::fma(static_cast<float>(sums[i]), scale, matrix.bias[first + i]);
        const std::size_t at = row * output.stride + first + i;
        switch (output.effect) {
          case Effect::store:
            static_cast<float*>(output.values)[at] = x;
            break;
          case Effect::add:
            static_cast<float*>(output.values)[at] += x;
            break;
          case Effect::gelu:
            static_cast<float*>(output.values)[at] = 0.5f * x * (1 + std::erf(x * 0.70710678f));
            break;
          case Effect::store_bf16: {
            const auto bits = std::bit_cast<std::uint32_t>(x);
            static_cast<std::uint16_t*>(output.values)[at] =
                static_cast<std::uint16_t>((bits + (bits >> 16 & 1) + 0x7FFF) >> 16);
            break;
          }
        }
      }
    }
  }
}

bool has_fast_int8() { return processor().vnni; }

float quantize_row(const float* x, std::size_t n, const Levelling& levelling, std::uint8_t* out) {
#if defined(__x86_64__)
  if (has_fast_int8() && n % 64 == 0)
    return vnni::quantize(x, n, levelling.centre, levelling.gain, levelling.one_sided, out);
#endif
  return quantize(x, n, levelling, out);
}

void multiply(const Int8Matrix& matrix, const Int8Rows& rows, const Int8Output& output) {
#if defined(__x86_64__)
  if (has_fast_int8()) {
    vnni::multiply({matrix.panels.data(), matrix.start.data(), matrix.scales.data(), matrix.bias.data(), matrix.outputs,
                    matrix.groups, rows.values, rows.stride, rows.rows, rows.scales, static_cast<int>(output.effect),
                    output.values, output.stride});
    return;
  }
#endif
  multiply_portable(matrix, rows, output);
}

}  // namespace dragoman
