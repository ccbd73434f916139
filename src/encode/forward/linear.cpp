#include "encode/forward/linear.h"

#include "encode/forward/int8_matrix.h"
#include "encode/forward/onednn_linear.h"
#include "encode/forward/processor.h"

namespace dragoman {
namespace {

class Int8Linear : public Linear {
 public:
  Int8Linear(std::span<const float> weights, std::span<const float> bias, std::size_t outputs, std::size_t inputs)
      : matrix_(weights, bias, outputs, inputs) {}

  Precision precision() const override { return Precision::int8; }

  void apply(const Rows& x, Then then, float* y, std::size_t stride) const override {
    const Effect effect = then == Then::store ? Effect::store : then == Then::add ? Effect::add : Effect::gelu;
    multiply(matrix_, rows(x), {effect, y, stride});
  }
  void apply_bf16(const Rows& x, std::uint16_t* y, std::size_t stride) const override {
    multiply(matrix_, rows(x), {Effect::store_bf16, y, stride});
  }

 private:
  static Int8Rows rows(const Rows& x) { return {x.int8(), x.stride(), x.scales(), x.rows()}; }

  Int8Matrix matrix_;
};

}  // namespace

void Rows::assign(Precision precision, const float* x, std::size_t rows, std::size_t columns) {
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
    scales_[row] = quantize_row(x + row * columns, columns, to);
    for (std::size_t i = columns; i < groups_end; ++i) to[i] = 128;
  }
}

std::unique_ptr<Linear> make_linear(Precision precision, std::span<const float> weights, std::span<const float> bias,
                                    std::size_t outputs, std::size_t inputs) {
  if (precision == Precision::int8) return std::make_unique<Int8Linear>(weights, bias, outputs, inputs);
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
