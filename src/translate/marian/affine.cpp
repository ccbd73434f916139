#include "translate/marian/affine.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace dragoman::marian {
namespace {

std::vector<std::uint32_t> all_rows(std::size_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

float rectified(float x) { return std::max(x, 0.0f); }

}  // namespace

void Inputs::assign(Precision precision, float* x, std::size_t rows, std::size_t columns, float multiplier,
                    Rectify rectify) {
  rows_ = rows;
  multiplier_ = multiplier;
  if (precision == Precision::f32) {
    stride_ = columns;
    f32_ = x;
    if (rectify == Rectify::yes) std::ranges::transform(x, x + rows * columns, x, rectified);
    return;
  }
  stride_ = round_up(columns, 4);
  bytes_.resize(rows * stride_);
  if (multiplier == kOwnMultiplier) {
    scales_.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      float* from = x + row * columns;
      if (rectify == Rectify::yes) std::ranges::transform(from, from + columns, from, rectified);
      scales_[row] = quantize_row(from, columns, {}, bytes_.data() + row * stride_);
    }
    return;
  }
  scales_.assign(rows, 1 / multiplier);
  if (stride_ == columns) {
    quantize(x, rows * columns, multiplier, rectify, bytes_.data());
    return;
  }
  for (std::size_t row = 0; row < rows; ++row) {
    quantize(x + row * columns, columns, multiplier, rectify, bytes_.data() + row * stride_);
  }
}

Affine::Affine(Precision precision, const QuantizedWeights& weights, std::span<const float> bias, float gain)
    : Affine(precision, weights, bias, all_rows(weights.outputs), gain) {}

Affine::Affine(Precision precision, const QuantizedWeights& weights, std::span<const float> bias,
               std::span<const std::uint32_t> rows, float gain)
    : outputs_(rows.size()), inputs_(weights.inputs), input_multiplier_(weights.input_multiplier) {
  const float scale = 1 / weights.multiplier;
  if (precision != Precision::f32) {
    int8_.emplace(weights.values, rows, scale * gain, bias, inputs_);
    if (gain != 1) {
      for (float& b : int8_->bias) b *= gain;
    }
    return;
  }
  make_panels();
  for (std::size_t output = 0; output < outputs_; ++output) {
    const std::int8_t* row = weights.values + std::size_t{rows[output]} * inputs_;
    for (std::size_t input = 0; input < inputs_; ++input) {
      panel(output, input) = static_cast<float>(row[input]) * scale * gain;
    }
    if (!bias.empty()) bias_[output] = bias[rows[output]] * gain;
  }
}

Affine::Affine(Precision precision, std::span<const float> weights, std::span<const float> bias, std::size_t outputs,
               std::size_t inputs, float gain)
    : outputs_(outputs), inputs_(inputs), input_multiplier_(kOwnMultiplier) {
  std::vector<float> scaled_bias(bias.begin(), bias.end());
  for (float& b : scaled_bias) b *= gain;
  if (precision != Precision::f32) {
    int8_.emplace(weights, scaled_bias, outputs, inputs);
    for (float& scale : int8_->scales) scale *= gain;
    return;
  }
  make_panels();
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t input = 0; input < inputs; ++input) {
      panel(output, input) = weights[output * inputs + input] * gain;
    }
  }
  std::ranges::copy(scaled_bias, bias_.begin());
}

void Affine::make_panels() {
  panels_.assign(round_up(outputs_, FloatPanels::kPanel) * inputs_, 0);
  bias_.assign(round_up(outputs_, FloatPanels::kPanel), 0);
}

float& Affine::panel(std::size_t output, std::size_t input) {
  constexpr std::size_t kPanel = FloatPanels::kPanel;
  return panels_[output / kPanel * kPanel * inputs_ + input * kPanel + output % kPanel];
}

void Affine::apply(const Inputs& x, float* y, std::size_t stride) const { apply(x, 0, x.rows(), y, stride); }

void Affine::apply(const Inputs& x, std::size_t first_row, std::size_t rows, float* y, std::size_t stride) const {
  if (!int8_) {
    multiply({panels_.data(), bias_.data(), outputs_, inputs_}, x.f32() + first_row * inputs_, rows, y, stride);
    return;
  }
  Int8Rows some = x.int8();
  some.values += first_row * some.stride;
  some.scales += first_row;
  some.rows = rows;
  dragoman::multiply(*int8_, some, {Effect::store, y, stride});
}

}  // namespace dragoman::marian
