#include "translate/marian/kernels.h"

#include <algorithm>
#include <cmath>

// Highway compiles what stands between its marks once for every kind of processor, and picks at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "translate/marian/kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: foreach_target.h must come first.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace dragoman::marian::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At most 16 lanes: kTokenStep and the panels of 64 are multiples of that.
using Floats = hn::CappedTag<float, 16>;
using Float = hn::Vec<Floats>;

void Quantize(const float* x, std::size_t n, float scale, Rectify rectify, std::uint8_t* bytes) {
  const Floats d;
  const hn::Rebind<std::int32_t, Floats> di;
  const hn::Rebind<std::uint8_t, Floats> db;
  const std::size_t lanes = hn::Lanes(d);
  const Float scales = hn::Set(d, scale), most = hn::Set(d, 127.0f);
  const Float least = hn::Set(d, rectify == Rectify::yes ? 0.0f : -127.0f);
  const auto zero = hn::Set(di, 128);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Float y = hn::Min(hn::Max(hn::Mul(hn::LoadU(d, x + i), scales), least), most);
    hn::StoreU(hn::DemoteTo(db, hn::Add(hn::NearestInt(y), zero)), db, bytes + i);
  }
  for (; i < n; ++i) {
    const float y = std::clamp(x[i] * scale, rectify == Rectify::yes ? 0.0f : -127.0f, 127.0f);
    bytes[i] = static_cast<std::uint8_t>(128 + std::lrint(y));
  }
}

/// Four rows by two vectors: eight running sums hide the latency of multiply-add. Rows that are not there repeat the
/// last one and are not stored.
HWY_INLINE void FourRows(const float* weights, const float* bias, std::size_t inputs, const float* const* x,
                         std::size_t rows, float* const* y, std::size_t column, std::size_t outputs) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const Float b0 = hn::LoadU(d, bias), b1 = hn::LoadU(d, bias + lanes);
  Float a00 = b0, a01 = b1, a10 = b0, a11 = b1, a20 = b0, a21 = b1, a30 = b0, a31 = b1;
  for (std::size_t i = 0; i < inputs; ++i) {
    const Float w0 = hn::Load(d, weights + i * FloatPanels::kPanel);
    const Float w1 = hn::Load(d, weights + i * FloatPanels::kPanel + lanes);
    const Float x0 = hn::Set(d, x[0][i]), x1 = hn::Set(d, x[1][i]);
    const Float x2 = hn::Set(d, x[2][i]), x3 = hn::Set(d, x[3][i]);
    a00 = hn::MulAdd(x0, w0, a00);
    a01 = hn::MulAdd(x0, w1, a01);
    a10 = hn::MulAdd(x1, w0, a10);
    a11 = hn::MulAdd(x1, w1, a11);
    a20 = hn::MulAdd(x2, w0, a20);
    a21 = hn::MulAdd(x2, w1, a21);
    a30 = hn::MulAdd(x3, w0, a30);
    a31 = hn::MulAdd(x3, w1, a31);
  }
  HWY_ALIGN float kept[4][2 * 16];
  hn::Store(a00, d, kept[0]);
  hn::Store(a01, d, kept[0] + lanes);
  hn::Store(a10, d, kept[1]);
  hn::Store(a11, d, kept[1] + lanes);
  hn::Store(a20, d, kept[2]);
  hn::Store(a21, d, kept[2] + lanes);
  hn::Store(a30, d, kept[3]);
  hn::Store(a31, d, kept[3] + lanes);
  const std::size_t columns = std::min(2 * lanes, outputs - column);
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(kept[r], columns, y[r] + column);
}

/// One row by four vectors.
HWY_INLINE void OneRow(const float* weights, const float* bias, std::size_t inputs, const float* x, float* y,
                       std::size_t column, std::size_t outputs) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  Float a0 = hn::LoadU(d, bias), a1 = hn::LoadU(d, bias + lanes);
  Float a2 = hn::LoadU(d, bias + 2 * lanes), a3 = hn::LoadU(d, bias + 3 * lanes);
  for (std::size_t i = 0; i < inputs; ++i) {
    const float* w = weights + i * FloatPanels::kPanel;
    const Float value = hn::Set(d, x[i]);
    a0 = hn::MulAdd(value, hn::Load(d, w), a0);
    a1 = hn::MulAdd(value, hn::Load(d, w + lanes), a1);
    a2 = hn::MulAdd(value, hn::Load(d, w + 2 * lanes), a2);
    a3 = hn::MulAdd(value, hn::Load(d, w + 3 * lanes), a3);
  }
  HWY_ALIGN float kept[4 * 16];
  hn::Store(a0, d, kept);
  hn::Store(a1, d, kept + lanes);
  hn::Store(a2, d, kept + 2 * lanes);
  hn::Store(a3, d, kept + 3 * lanes);
  std::copy_n(kept, std::min(4 * lanes, outputs - column), y + column);
}

void Multiply(const FloatPanels& m, const float* x, std::size_t rows, float* y, std::size_t stride) {
  const std::size_t lanes = hn::Lanes(Floats());
  for (std::size_t first = 0; first < m.outputs; first += FloatPanels::kPanel) {
    const float* panel = m.weights + first * m.inputs;
    std::size_t row = 0;
    for (; row + 1 < rows; row += 4) {
      const std::size_t count = std::min<std::size_t>(4, rows - row);
      const float* from[4];
      float* to[4];
      for (std::size_t r = 0; r < 4; ++r) {
        from[r] = x + (row + std::min(r, count - 1)) * m.inputs;
        to[r] = y + (row + std::min(r, count - 1)) * stride;
      }
      for (std::size_t c = 0; c < FloatPanels::kPanel && first + c < m.outputs; c += 2 * lanes) {
        FourRows(panel + c, m.bias + first + c, m.inputs, from, count, to, first + c, m.outputs);
      }
    }
    if (row < rows) {
      for (std::size_t c = 0; c < FloatPanels::kPanel && first + c < m.outputs; c += 4 * lanes) {
        OneRow(panel + c, m.bias + first + c, m.inputs, x + row * m.inputs, y + row * stride, first + c, m.outputs);
      }
    }
  }
}

void Recur(const float* value, const float* forget, std::size_t n, float* cell, float* output) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const Float one = hn::Set(d, 1.0f);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Float keep = hn::Div(one, hn::Add(one, hn::Exp(d, hn::Neg(hn::LoadU(d, forget + i)))));
    const Float old = hn::LoadU(d, cell + i), fresh = hn::LoadU(d, value + i);
    const Float now = hn::MulAdd(keep, hn::Sub(old, fresh), fresh);
    hn::StoreU(now, d, cell + i);
    hn::StoreU(hn::Add(hn::LoadU(d, output + i), hn::Max(now, hn::Zero(d))), d, output + i);
  }
  for (; i < n; ++i) {
    const float keep = 1 / (1 + std::exp(-forget[i]));
    cell[i] = keep * (cell[i] - value[i]) + value[i];
    output[i] += std::max(cell[i], 0.0f);
  }
}

void AttendOne(const OneQuery& in, float* weights, float* context) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d), hidden = in.heads * in.head_dimension;
  for (std::size_t head = 0; head < in.heads; ++head) {
    const std::size_t first = head * in.head_dimension;
    Float most = hn::Set(d, -3e38f);
    for (std::size_t j = 0; j < in.tokens; j += lanes) {
      Float even = hn::Zero(d), odd = hn::Zero(d);
      std::size_t k = first;
      for (; k + 2 <= first + in.head_dimension; k += 2) {
        even = hn::MulAdd(hn::Set(d, in.query[k]), hn::LoadU(d, in.keys + k * in.padded + j), even);
        odd = hn::MulAdd(hn::Set(d, in.query[k + 1]), hn::LoadU(d, in.keys + (k + 1) * in.padded + j), odd);
      }
      if (k < first + in.head_dimension) {
        even = hn::MulAdd(hn::Set(d, in.query[k]), hn::LoadU(d, in.keys + k * in.padded + j), even);
      }
      Float score = hn::Add(even, odd);
      if (j + lanes > in.tokens) {
        score = hn::IfThenElse(hn::FirstN(d, in.tokens - j), score, hn::Set(d, -3e38f));
      }
      most = hn::Max(most, score);
      hn::StoreU(score, d, weights + j);
    }
    most = hn::MaxOfLanes(d, most);
    Float sum = hn::Zero(d);
    for (std::size_t j = 0; j < in.tokens; j += lanes) {
      // -3e38 stands for tokens that are not there.
      const Float off = hn::Max(hn::Sub(hn::LoadU(d, weights + j), most), hn::Set(d, -87.0f));
      Float e = hn::Exp(d, off);
      if (j + lanes > in.tokens) e = hn::IfThenElseZero(hn::FirstN(d, in.tokens - j), e);
      sum = hn::Add(sum, e);
      hn::StoreU(e, d, weights + j);
    }
    const float inverse = 1 / hn::GetLane(hn::SumOfLanes(d, sum));
    std::size_t k = first;
    for (; k + lanes <= first + in.head_dimension; k += lanes) {
      Float even = hn::Zero(d), odd = hn::Zero(d);
      std::size_t j = 0;
      for (; j + 2 <= in.tokens; j += 2) {
        even = hn::MulAdd(hn::Set(d, weights[j]), hn::LoadU(d, in.values + j * hidden + k), even);
        odd = hn::MulAdd(hn::Set(d, weights[j + 1]), hn::LoadU(d, in.values + (j + 1) * hidden + k), odd);
      }
      if (j < in.tokens) even = hn::MulAdd(hn::Set(d, weights[j]), hn::LoadU(d, in.values + j * hidden + k), even);
      hn::StoreU(hn::Mul(hn::Add(even, odd), hn::Set(d, inverse)), d, context + k);
    }
    for (; k < first + in.head_dimension; ++k) {
      float mixed = 0;
      for (std::size_t j = 0; j < in.tokens; ++j) mixed += weights[j] * in.values[j * hidden + k];
      context[k] = mixed * inverse;
    }
  }
}

float LogSumExp(const float* x, std::size_t n) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const float most = *std::max_element(x, x + n);
  const Float mosts = hn::Set(d, most);
  Float sums = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) sums = hn::Add(sums, hn::Exp(d, hn::Sub(hn::LoadU(d, x + i), mosts)));
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; i < n; ++i) sum += std::exp(x[i] - most);
  return most + std::log(sum);
}

}  // namespace dragoman::marian::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::marian {

HWY_EXPORT(Quantize);
HWY_EXPORT(Multiply);
HWY_EXPORT(Recur);
HWY_EXPORT(AttendOne);
HWY_EXPORT(LogSumExp);

void quantize(const float* x, std::size_t n, float scale, Rectify rectify, std::uint8_t* bytes) {
  HWY_DYNAMIC_DISPATCH(Quantize)(x, n, scale, rectify, bytes);
}
void multiply(const FloatPanels& matrix, const float* x, std::size_t rows, float* y, std::size_t stride) {
  HWY_DYNAMIC_DISPATCH(Multiply)(matrix, x, rows, y, stride);
}
void recur(const float* value, const float* forget, std::size_t n, float* cell, float* output) {
  HWY_DYNAMIC_DISPATCH(Recur)(value, forget, n, cell, output);
}
void attend(const OneQuery& input, float* weights, float* context) {
  HWY_DYNAMIC_DISPATCH(AttendOne)(input, weights, context);
}
float log_sum_exp(const float* x, std::size_t n) { return HWY_DYNAMIC_DISPATCH(LogSumExp)(x, n); }

}  // namespace dragoman::marian
#endif  // HWY_ONCE
