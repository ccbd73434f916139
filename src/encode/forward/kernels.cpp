#include "encode/forward/kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

// Highway compiles what stands between its marks once for every kind of processor, and picks at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "encode/forward/kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: foreach_target.h must come first.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace dragoman::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Float = hn::Vec<Floats>;

/// Calls body(i) for every whole vector, then rest(i) for every element behind the last one.
template <typename Body, typename Rest>
HWY_INLINE void for_vectors(std::size_t n, const Body& body, const Rest& rest) {
  const std::size_t step = hn::Lanes(Floats());
  std::size_t i = 0;
  for (; i + step <= n; i += step) body(i);
  for (; i < n; ++i) rest(i);
}

/// Four running vectors hide the latency of what they run through.
struct Four {
  Float a, b, c, d;
};

/// Runs step(accumulator, i) over whole vectors, four accumulators in turn, and joins them; returns where it stopped.
template <typename Step, typename Join>
HWY_INLINE std::size_t accumulate(std::size_t n, Float& result, const Step& step, const Join& join) {
  const std::size_t lanes = hn::Lanes(Floats());
  Four four = {result, result, result, result};
  std::size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    step(four.a, i);
    step(four.b, i + lanes);
    step(four.c, i + 2 * lanes);
    step(four.d, i + 3 * lanes);
  }
  for (; i + lanes <= n; i += lanes) step(four.a, i);
  result = join(join(four.a, four.b), join(four.c, four.d));
  return i;
}

void LayerNorm(float* x, std::size_t n, const float* weight, const float* bias, float epsilon) {
  const Floats d;
  const auto plus = [](Float a, Float b) HWY_ATTR { return hn::Add(a, b); };
  Float sums = hn::Zero(d);
  std::size_t i = accumulate(
      n, sums, [&](Float& sum, std::size_t at) HWY_ATTR { sum = hn::Add(sum, hn::LoadU(d, x + at)); }, plus);
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; i < n; ++i) sum += x[i];
  const float mean = sum / static_cast<float>(n);
  const Float means = hn::Set(d, mean);

  Float squares = hn::Zero(d);
  i = accumulate(
      n, squares,
      [&](Float& square, std::size_t at) HWY_ATTR {
        const Float off = hn::Sub(hn::LoadU(d, x + at), means);
        square = hn::MulAdd(off, off, square);
      },
      plus);
  sum = hn::GetLane(hn::SumOfLanes(d, squares));
  for (; i < n; ++i) sum += (x[i] - mean) * (x[i] - mean);
  const float scale = 1 / std::sqrt(sum / static_cast<float>(n) + epsilon);
  const Float scales = hn::Set(d, scale);
  for_vectors(
      n,
      [&](std::size_t at) HWY_ATTR {
        const Float unit = hn::Mul(hn::Sub(hn::LoadU(d, x + at), means), scales);
        hn::StoreU(hn::MulAdd(unit, hn::LoadU(d, weight + at), hn::LoadU(d, bias + at)), d, x + at);
      },
      [&](std::size_t at) HWY_ATTR { x[at] = (x[at] - mean) * scale * weight[at] + bias[at]; });
}

/// @param level     the vector at a place of the levelled row; @param level_one the same of one number.
template <typename Level, typename LevelOne>
float QuantizeLevelled(std::size_t n, bool one_sided, Level level, LevelOne level_one, std::uint8_t* out) {
  const Floats d;
  const hn::Rebind<std::int32_t, Floats> di;
  const hn::Rebind<std::uint8_t, Floats> db;
  Float most = hn::Zero(d);
  const auto larger = [](Float a, Float b) HWY_ATTR { return hn::Max(a, b); };
  std::size_t i =
      one_sided ? accumulate(
                      n, most, [&](Float& m, std::size_t at) HWY_ATTR { m = hn::Max(m, level(at)); }, larger)
                : accumulate(
                      n, most, [&](Float& m, std::size_t at) HWY_ATTR { m = hn::Max(m, hn::Abs(level(at))); }, larger);
  float largest = hn::GetLane(hn::MaxOfLanes(d, most));
  for (; i < n; ++i) largest = std::max(largest, one_sided ? level_one(i) : std::fabs(level_one(i)));
  const float steps = one_sided ? 255 : 127;
  const float inverse = largest > 0 ? steps / largest : 0;
  const Float inverses = hn::Set(d, inverse);
  const int zero = one_sided ? 0 : 128;
  const auto zeros = hn::Set(di, zero);
  for_vectors(
      n,
      [&](std::size_t at) HWY_ATTR {
        const auto whole = hn::NearestInt(hn::Mul(level(at), inverses));
        hn::StoreU(hn::DemoteTo(db, hn::Add(whole, zeros)), db, out + at);  // Which also cuts off below 0.
      },
      [&](std::size_t at)
          HWY_ATTR { out[at] = static_cast<std::uint8_t>(std::max(0L, zero + std::lrint(level_one(at) * inverse))); });
  return largest / steps;
}

float Quantize(const float* x, std::size_t n, const Levelling& levelling, std::uint8_t* out) {
  const Floats d;
  const float *centre = levelling.centre, *gain = levelling.gain;
  if (centre == nullptr) {
    return QuantizeLevelled(
        n, levelling.one_sided, [&](std::size_t i) HWY_ATTR { return hn::LoadU(d, x + i); },
        [&](std::size_t i) HWY_ATTR { return x[i]; }, out);
  }
  return QuantizeLevelled(
      n, levelling.one_sided,
      [&](std::size_t i)
          HWY_ATTR { return hn::Mul(hn::Sub(hn::LoadU(d, x + i), hn::LoadU(d, centre + i)), hn::LoadU(d, gain + i)); },
      [&](std::size_t i) HWY_ATTR { return (x[i] - centre[i]) * gain[i]; }, out);
}

void ToBf16(const float* x, std::size_t n, std::uint16_t* out) {
  const Floats d;
  const hn::Rebind<std::uint32_t, Floats> du;
  const hn::Rebind<std::uint16_t, Floats> dh;
  const auto round = [](std::uint32_t bits) HWY_ATTR { return (bits + (bits >> 16 & 1) + 0x7FFF) >> 16; };
  for_vectors(
      n,
      [&](std::size_t i) HWY_ATTR {
        const auto bits = hn::BitCast(du, hn::LoadU(d, x + i));
        const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1));
        const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7FFF))));
        hn::StoreU(hn::DemoteTo(dh, hn::BitCast(hn::RebindToSigned<decltype(du)>(), rounded)), dh, out + i);
      },
      [&](std::size_t i) HWY_ATTR {
        std::uint32_t bits;
        std::memcpy(&bits, x + i, sizeof(bits));
        out[i] = static_cast<std::uint16_t>(round(bits));
      });
}

/// erf by Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, formula 7.1.26: to 1.5e-7.
HWY_INLINE Float Erf(Float x) {
  const Floats d;
  const Float z = hn::Abs(x);
  const Float t = hn::Div(hn::Set(d, 1.0f), hn::MulAdd(hn::Set(d, 0.3275911f), z, hn::Set(d, 1.0f)));
  Float p = hn::Set(d, 1.061405429f);
  p = hn::MulAdd(p, t, hn::Set(d, -1.453152027f));
  p = hn::MulAdd(p, t, hn::Set(d, 1.421413741f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.284496736f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.254829592f));
  p = hn::Mul(p, t);
  const Float magnitude = hn::NegMulAdd(p, hn::Exp(d, hn::Neg(hn::Mul(z, z))), hn::Set(d, 1.0f));
  return hn::CopySignToAbs(magnitude, x);
}

HWY_INLINE Float Sigmoid(Float x) {
  const Floats d;
  return hn::Div(hn::Set(d, 1.0f), hn::Add(hn::Set(d, 1.0f), hn::Exp(d, hn::Neg(x))));
}

HWY_INLINE Float Activated(Activation activation, Float x) {
  const Floats d;
  switch (activation) {
    case Activation::gelu:
      return hn::Mul(hn::Mul(hn::Set(d, 0.5f), x), hn::Add(hn::Set(d, 1.0f), Erf(hn::Mul(x, hn::Set(d, 0.70710678f)))));
    case Activation::gelu_tanh: {
      // (1 + tanh(y)) / 2 = sigmoid(2 y)
      const Float cube = hn::Mul(hn::Mul(x, x), x);
      const Float y = hn::Mul(hn::Set(d, 1.5957691216f), hn::MulAdd(hn::Set(d, 0.044715f), cube, x));
      return hn::Mul(x, Sigmoid(y));
    }
    case Activation::relu:
      return hn::Max(x, hn::Zero(d));
    case Activation::silu:
      return hn::Mul(x, Sigmoid(x));
  }
  return x;
}

void Activate(Activation activation, float* x, std::size_t n) {
  const Floats d;
  const std::size_t step = hn::Lanes(d);
  for (std::size_t i = 0; i < n; i += step) {
    if (i + step <= n) {
      hn::StoreU(Activated(activation, hn::LoadU(d, x + i)), d, x + i);
    } else {
      HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
      std::copy_n(x + i, n - i, rest);
      hn::Store(Activated(activation, hn::Load(d, rest)), d, rest);
      std::copy_n(rest, n - i, x + i);
    }
  }
}

void Multiply(float* x, const float* y, std::size_t n) {
  const Floats d;
  for_vectors(
      n, [&](std::size_t i) HWY_ATTR { hn::StoreU(hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, x + i); },
      [&](std::size_t i) HWY_ATTR { x[i] *= y[i]; });
}

void AddTo(float* sum, const float* x, std::size_t n) {
  const Floats d;
  for_vectors(
      n, [&](std::size_t i) HWY_ATTR { hn::StoreU(hn::Add(hn::LoadU(d, sum + i), hn::LoadU(d, x + i)), d, sum + i); },
      [&](std::size_t i) HWY_ATTR { sum[i] += x[i]; });
}

float Dot(const float* x, const float* y, std::size_t n) {
  const Floats d;
  Float sums = hn::Zero(d);
  float tail = 0;
  for_vectors(
      n, [&](std::size_t i) HWY_ATTR { sums = hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, y + i), sums); },
      [&](std::size_t i) HWY_ATTR { tail += x[i] * y[i]; });
  return hn::GetLane(hn::SumOfLanes(d, sums)) + tail;
}

std::size_t NextAbove(const float* x, std::size_t from, std::size_t n, float floor) {
  const Floats d;
  const std::size_t step = hn::Lanes(d);
  const Float floors = hn::Set(d, floor);
  for (; from + step <= n; from += step) {
    const auto above = hn::Gt(hn::LoadU(d, x + from), floors);
    const auto first = hn::FindFirstTrue(d, above);
    if (first >= 0) return from + static_cast<std::size_t>(first);
  }
  for (; from < n; ++from) {
    if (x[from] > floor) return from;
  }
  return n;
}

/// 2^x through the exponential of the library.
HWY_INLINE Float PowerOfTwo(Float x) {
  const Floats d;
  return hn::Exp(d, hn::Mul(x, hn::Set(d, 0.69314718056f)));
}

constexpr std::size_t kQueries = 4;  // At a time: each key and value that is loaded serves four.

/// Weights of `kQueries` queries over all tokens, and the reciprocal of each query's sum.
HWY_INLINE void Weigh(const AttentionInput& in, const float* const* queries, const float* keys, std::size_t padded,
                      float* weights, float* inverse_sums) {
  const Floats d;
  const std::size_t step = hn::Lanes(d);
  Float most0 = hn::Set(d, -3e38f), most1 = most0, most2 = most0, most3 = most0;
  for (std::size_t j = 0; j < padded; j += step) {
    Float s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
    for (std::size_t k = 0; k < in.head_dimension; ++k) {
      const Float key = hn::Load(d, keys + k * padded + j);
      s0 = hn::MulAdd(hn::Set(d, queries[0][k]), key, s0);
      s1 = hn::MulAdd(hn::Set(d, queries[1][k]), key, s1);
      s2 = hn::MulAdd(hn::Set(d, queries[2][k]), key, s2);
      s3 = hn::MulAdd(hn::Set(d, queries[3][k]), key, s3);
    }
    if (j + step > in.tokens) {
      const auto real = hn::FirstN(d, in.tokens - j);
      const Float none = hn::Set(d, -3e38f);
      s0 = hn::IfThenElse(real, s0, none);
      s1 = hn::IfThenElse(real, s1, none);
      s2 = hn::IfThenElse(real, s2, none);
      s3 = hn::IfThenElse(real, s3, none);
    }
    most0 = hn::Max(most0, s0);
    most1 = hn::Max(most1, s1);
    most2 = hn::Max(most2, s2);
    most3 = hn::Max(most3, s3);
    hn::Store(s0, d, weights + j);
    hn::Store(s1, d, weights + padded + j);
    hn::Store(s2, d, weights + 2 * padded + j);
    hn::Store(s3, d, weights + 3 * padded + j);
  }
  const Float most[kQueries] = {hn::MaxOfLanes(d, most0), hn::MaxOfLanes(d, most1), hn::MaxOfLanes(d, most2),
                                hn::MaxOfLanes(d, most3)};
  for (std::size_t r = 0; r < kQueries; ++r) {
    Float sum = hn::Zero(d);
    for (std::size_t j = 0; j < padded; j += step) {
      // -3e38 stands for tokens that are not there: its power is zero.
      const Float e = PowerOfTwo(hn::Max(hn::Sub(hn::Load(d, weights + r * padded + j), most[r]), hn::Set(d, -126.0f)));
      const Float real = j + step > in.tokens ? hn::IfThenElseZero(hn::FirstN(d, in.tokens - j), e) : e;
      sum = hn::Add(sum, real);
      hn::Store(real, d, weights + r * padded + j);
    }
    inverse_sums[r] = 1 / hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

HWY_INLINE void Mix(const AttentionInput& in, const float* values, const float* weights, std::size_t padded,
                    std::size_t rows, const float* inverse_sums, float* context) {
  const Floats d;
  const std::size_t step = hn::Lanes(d), hidden = in.heads * in.head_dimension;
  std::size_t k = 0;
  for (; k + step <= in.head_dimension; k += step) {
    Float m0 = hn::Zero(d), m1 = m0, m2 = m0, m3 = m0;
    for (std::size_t j = 0; j < in.tokens; ++j) {
      const Float value = hn::LoadU(d, values + j * in.row_stride + k);
      m0 = hn::MulAdd(hn::Set(d, weights[j]), value, m0);
      m1 = hn::MulAdd(hn::Set(d, weights[padded + j]), value, m1);
      m2 = hn::MulAdd(hn::Set(d, weights[2 * padded + j]), value, m2);
      m3 = hn::MulAdd(hn::Set(d, weights[3 * padded + j]), value, m3);
    }
    const Float mixed[kQueries] = {m0, m1, m2, m3};
    for (std::size_t r = 0; r < rows; ++r) {
      hn::StoreU(hn::Mul(mixed[r], hn::Set(d, inverse_sums[r])), d, context + r * hidden + k);
    }
  }
  for (; k < in.head_dimension; ++k) {
    for (std::size_t r = 0; r < rows; ++r) {
      float mixed = 0;
      for (std::size_t j = 0; j < in.tokens; ++j) mixed += weights[r * padded + j] * values[j * in.row_stride + k];
      context[r * hidden + k] = mixed * inverse_sums[r];
    }
  }
}

void Attend(const AttentionInput& in, float* context, float* scratch) {
  const Floats d;
  const std::size_t step = hn::Lanes(d), size = in.head_dimension, hidden = in.heads * size;
  const std::size_t padded = (in.tokens + step - 1) / step * step;
  float* keys = scratch;  // [head_dimension, padded]
  float* weights = scratch + size * padded;
  for (std::size_t head = 0; head < in.heads; ++head) {
    const float* first = in.qkv + head * size;
    for (std::size_t j = 0; j < padded; ++j) {
      const float* key = first + j * in.row_stride + hidden;
      for (std::size_t k = 0; k < size; ++k) keys[k * padded + j] = j < in.tokens ? key[k] : 0;
    }
    for (std::size_t i = 0; i < in.tokens; i += kQueries) {
      const std::size_t rows = std::min(kQueries, in.tokens - i);
      const float* queries[kQueries];
      for (std::size_t r = 0; r < kQueries; ++r) queries[r] = first + (i + std::min(r, rows - 1)) * in.row_stride;
      float inverse_sums[kQueries];
      Weigh(in, queries, keys, padded, weights, inverse_sums);
      Mix(in, first + 2 * hidden, weights, padded, rows, inverse_sums, context + i * hidden + head * size);
    }
  }
}

}  // namespace dragoman::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman {

HWY_EXPORT(LayerNorm);
HWY_EXPORT(Quantize);
HWY_EXPORT(ToBf16);
HWY_EXPORT(Activate);
HWY_EXPORT(Multiply);
HWY_EXPORT(AddTo);
HWY_EXPORT(Dot);
HWY_EXPORT(NextAbove);
HWY_EXPORT(Attend);

void layer_norm(float* x, std::size_t n, const float* weight, const float* bias, float epsilon) {
  HWY_DYNAMIC_DISPATCH(LayerNorm)(x, n, weight, bias, epsilon);
}
float quantize(const float* x, std::size_t n, const Levelling& levelling, std::uint8_t* out) {
  return HWY_DYNAMIC_DISPATCH(Quantize)(x, n, levelling, out);
}
void to_bf16(const float* x, std::size_t n, std::uint16_t* out) { HWY_DYNAMIC_DISPATCH(ToBf16)(x, n, out); }
void activate(Activation activation, float* x, std::size_t n) { HWY_DYNAMIC_DISPATCH(Activate)(activation, x, n); }
void multiply(float* x, const float* y, std::size_t n) { HWY_DYNAMIC_DISPATCH(Multiply)(x, y, n); }
void add(float* sum, const float* x, std::size_t n) { HWY_DYNAMIC_DISPATCH(AddTo)(sum, x, n); }
float dot(const float* x, const float* y, std::size_t n) { return HWY_DYNAMIC_DISPATCH(Dot)(x, y, n); }

std::size_t next_above(const float* x, std::size_t from, std::size_t n, float floor) {
  return HWY_DYNAMIC_DISPATCH(NextAbove)(x, from, n, floor);
}

std::size_t attention_scratch(std::size_t tokens, std::size_t head_dimension) {
  constexpr std::size_t kMostLanes = 64;  // Wider than any vector.
  const std::size_t padded = (tokens + kMostLanes - 1) / kMostLanes * kMostLanes;
  return padded * (head_dimension + 4);
}

void attention(const AttentionInput& input, float* context, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Attend)(input, context, scratch);
}

}  // namespace dragoman
#endif  // HWY_ONCE
