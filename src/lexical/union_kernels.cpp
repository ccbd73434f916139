#include "lexical/union_kernels.h"

#include "lexical/score_kernels.h"

// Highway compiles what stands between its marks once for every kind of processor, and picks at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lexical/union_kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: foreach_target.h must come first.
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace dragoman::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// No more lanes than the padding of arrays.
using UnionFloats = hn::CappedTag<float, kKernelPadding>;
using UnionInts = hn::RebindToSigned<UnionFloats>;

constexpr std::size_t kMostPostings = 128;

void WeighFrequencies(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                      const float* inverses, float weight, float* out) {
  const UnionFloats d;
  const hn::RebindToUnsigned<UnionFloats> dw;
  float inverse[kMostPostings + kKernelPadding];
  for (std::size_t i = 0; i < count; ++i) inverse[i] = inverses[documents[i]];
  for (std::size_t i = count; i < count + kKernelPadding; ++i) inverse[i] = 1;
  const auto all = hn::Set(d, weight);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto tf = hn::ConvertTo(d, hn::BitCast(UnionInts(), hn::LoadU(dw, frequencies + i)));
    hn::StoreU(hn::Mul(hn::Mul(all, tf), hn::LoadU(d, inverse + i)), d, out + i);
  }
}

void Saturate(const float* sums, const float* weights, std::size_t count, std::int32_t* out) {
  const UnionFloats d;
  const UnionInts di;
  const auto one = hn::Set(d, 1.0f);
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto sum = hn::LoadU(d, sums + i);
    const auto score = hn::Mul(hn::LoadU(d, weights + i), hn::Div(sum, hn::Add(sum, one)));
    hn::StoreU(hn::Max(hn::NearestInt(score), hn::Set(di, 1)), di, out + i);
  }
}

}  // namespace dragoman::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman {

HWY_EXPORT(WeighFrequencies);
HWY_EXPORT(Saturate);

void weigh_frequencies(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                       const float* inverses, float weight, float* out) {
  HWY_DYNAMIC_DISPATCH(WeighFrequencies)(documents, frequencies, count, inverses, weight, out);
}

void weigh_frequencies_scalar(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                              const float* inverses, float weight, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = weighted_frequency(weight, frequencies[i], inverses[documents[i]]);
  }
}

// An impact of 1 is rounded as every score is.
std::int32_t saturated(float weight, float sum) { return impact_of(weight * (sum / (sum + 1)), 1); }

void saturate(const float* sums, const float* weights, std::size_t count, std::int32_t* out) {
  HWY_DYNAMIC_DISPATCH(Saturate)(sums, weights, count, out);
}

void saturate_scalar(const float* sums, const float* weights, std::size_t count, std::int32_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = saturated(weights[i], sums[i]);
}

}  // namespace dragoman
#endif  // HWY_ONCE
