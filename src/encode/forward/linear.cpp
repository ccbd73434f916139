#include "encode/forward/linear.h"

#include <algorithm>
#include <cmath>

#include "encode/forward/int8_matrix.h"
#include "encode/forward/onednn_linear.h"
#include "encode/forward/processor.h"

namespace dragoman {
namespace {

class Int8Linear : public Linear {
 public:
  Int8Linear(std::span<const float> weights, std::span<const float> bias, std::size_t outputs, std::size_t inputs,
             const InputStatistics& statistics)
      : one_sided_(statistics.least.has_value()),
        centre_(one_sided_ ? std::vector<float>(inputs, *statistics.least) : statistics.mean),
        gain_(gains(statistics, inputs)),
        matrix_(make_matrix(weights, bias, outputs, inputs)) {}

  Precision precision() const override { return Precision::int8; }
  Levelling levelling() const override {
    return centre_.empty() ? Levelling{} : Levelling{centre_.data(), gain_.data(), one_sided_};
  }

  void apply(const Rows& x, Then then, float* y, std::size_t stride) const override {
    const Effect effect = then == Then::store ? Effect::store : then == Then::add ? Effect::add : Effect::gelu;
    multiply(matrix_, rows(x), {effect, y, stride});
  }
  void apply_bf16(const Rows& x, std::uint16_t* y, std::size_t stride) const override {
    multiply(matrix_, rows(x), {Effect::store_bf16, y, stride});
  }

 private:
  static Int8Rows rows(const Rows& x) { return {x.int8(), x.stride(), x.scales(), x.rows()}; }

  static std::vector<float> gains(const InputStatistics& statistics, std::size_t inputs) {
    if (statistics.deviation.empty()) return std::vector<float>(inputs, 1.0f);
    // A column that hardly moves must not be blown up in a text where it does.
    double sum = 0;
    for (const float d : statistics.deviation) sum += d;
    const double floor = 0.01 * sum / static_cast<double>(inputs);
    std::vector<float> gains;
    for (const float d : statistics.deviation) {
      const double deviation = std::max(static_cast<double>(d), floor);
      gains.push_back(deviation > 0 ? static_cast<float>(std::pow(deviation, -statistics.power)) : 1);
    }
    return gains;
  }

  /// W x + b = (W / gain) ((x - centre) * gain) + (W centre + b).
  Int8Matrix make_matrix(std::span<const float> weights, std::span<const float> bias, std::size_t outputs,
                         std::size_t inputs) const {
    if (centre_.empty()) return {weights, bias, outputs, inputs};
    std::vector<float> levelled(weights.begin(), weights.end()), moved(outputs);
    for (std::size_t output = 0; output < outputs; ++output) {
      float* row = levelled.data() + output * inputs;
      double sum = bias.empty() ? 0 : bias[output];
      for (std::size_t i = 0; i < inputs; ++i) {
        sum += static_cast<double>(row[i]) * centre_[i];
        row[i] /= gain_[i];
      }
      moved[output] = static_cast<float>(sum);
    }
    return {levelled, moved, outputs, inputs, levelling().zero()};
  }

  bool one_sided_;
  std::vector<float> centre_, gain_;
  Int8Matrix matrix_;
};

}  // namespace

void Rows::assign(Precision precision, const float* x, std::size_t rows, std::size_t columns,
                  const Levelling& levelling) {
  rows_ = rows;
  stride_ = columns;
  f32_ = x;
  if (precision == Precision::f32) return;
  if (precision == Precision::bf16) {
    if (bf16_.size() < rows * columns) bf16_.resize(rows * columns);
    to_bf16(x, rows * columns, bf16_.data());
    return;
  }
  stride_ = round_up(columns, 64);
  if (int8_.size() < rows * stride_) int8_.resize(rows * stride_);
  if (scales_.size() < rows) scales_.resize(rows);
  const std::size_t groups_end = round_up(columns, 4);
  for (std::size_t row = 0; row < rows; ++row) {
    std::uint8_t* to = int8_.data() + row * stride_;
    scales_[row] = quantize_row(x + row * columns, columns, levelling, to);
    for (std::size_t i = columns; i < groups_end; ++i) to[i] = 128;
  }
}

std::unique_ptr<Linear> make_linear(Precision precision, std::span<const float> weights, std::span<const float> bias,
                                    std::size_t outputs, std::size_t inputs, const InputStatistics& statistics) {
  if (precision == Precision::int8) return std::make_unique<Int8Linear>(weights, bias, outputs, inputs, statistics);
  return make_onednn_linear(precision, weights, bias, outputs, inputs);
}

bool is_fast(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return true;
    case Precision::bf16:
      return processor().bf16;
    case Precision::int8:
      return has_fast_int8();
  }
  return false;
}

}  // namespace dragoman
