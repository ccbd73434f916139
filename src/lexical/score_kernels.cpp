#include "lexical/score_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>

// Highway compiles what stands between its marks once for every kind of processor, and picks at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lexical/score_kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: foreach_target.h must come first.
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace dragoman::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// No more lanes than the padding of arrays.
using Floats = hn::CappedTag<float, kKernelPadding>;
using Ints = hn::RebindToSigned<Floats>;
using Words = hn::RebindToUnsigned<Floats>;

constexpr std::size_t kMaxPostings = 128;

HWY_INLINE hn::Vec<Floats> ToFloats(const std::uint32_t* in) {
  // Frequencies beyond 2^31 would be negative; no document is so long.
  return hn::ConvertTo(Floats(), hn::BitCast(Ints(), hn::LoadU(Words(), in)));
}

HWY_INLINE void StoreScores(hn::Vec<Floats> scores, std::int32_t* out) {
  const Ints d;
  hn::StoreU(hn::Max(hn::NearestInt(scores), hn::Set(d, 1)), d, out);
}

template <class Weights>
HWY_INLINE void ScoreBlock(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                           const float* norms, const Weights& weights, std::int32_t* out) {
  const Floats d;
  // Plain loads: what processors offer to gather is no faster, and would read for places that do not count. All of
  // them first, as a vector cannot be loaded while its parts are still on their way to memory.
  float norm[kMaxPostings + kKernelPadding];
  for (std::size_t i = 0; i < count; ++i) norm[i] = norms[documents[i]];
  for (std::size_t i = count; i < count + kKernelPadding; ++i) norm[i] = 1;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto tf = ToFloats(frequencies + i);
    StoreScores(hn::Div(hn::Mul(weights(i), tf), hn::Add(tf, hn::LoadU(d, norm + i))), out + i);
  }
}

void ScoreBm25(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count, const float* norms,
               float weight, std::int32_t* out) {
  const auto all = hn::Set(Floats(), weight);
  ScoreBlock(
      documents, frequencies, count, norms, [all](std::size_t) HWY_ATTR { return all; }, out);
}

void ScoreBm25Weights(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                      const float* norms, const float* weights, std::int32_t* out) {
  ScoreBlock(
      documents, frequencies, count, norms,
      [weights](std::size_t i) HWY_ATTR { return hn::LoadU(Floats(), weights + i); }, out);
}

void ScoreImpacts(const std::uint32_t* frequencies, std::size_t count, float weight, std::int32_t* out) {
  const Floats d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    StoreScores(hn::Mul(hn::Set(d, weight), ToFloats(frequencies + i)), out + i);
  }
}

/// Stores the lanes of `keep`, and garbage behind them; returns how many it kept.
HWY_INLINE std::size_t Keep(hn::Vec<Words> documents, hn::Vec<Ints> scores, hn::Mask<Ints> keep,
                            std::uint32_t* out_documents, std::int32_t* out_scores) {
  const Ints d;
  const Words dw;
  hn::StoreU(hn::Compress(documents, hn::RebindMask(dw, keep)), dw, out_documents);
  hn::StoreU(hn::Compress(scores, keep), d, out_scores);
  return hn::CountTrue(d, keep);
}

std::size_t Collect(std::int32_t* scores, std::uint8_t* touched, std::size_t groups, std::int32_t cut,
                    std::uint32_t base, std::uint32_t* out_documents, std::int32_t* out_scores) {
  const Ints d;
  const Words dw;
  const std::size_t lanes = hn::Lanes(d);
  const auto below = hn::Set(d, cut - 1);
  const auto zero = hn::Zero(d);
  std::size_t found = 0;
  for (std::size_t eight = 0; eight < groups; eight += 8) {
    std::uint64_t marks;
    std::memcpy(&marks, touched + eight, sizeof marks);
    if (marks == 0) continue;
    std::memset(touched + eight, 0, sizeof marks);
    for (; marks != 0; marks &= marks - 1) {
      const std::size_t begin = (eight + static_cast<std::size_t>(std::countr_zero(marks)) / 8) * kTouchedDocuments;
      for (std::size_t i = begin; i < begin + kTouchedDocuments; i += lanes) {
        const auto here = hn::LoadU(d, scores + i);
        hn::StoreU(zero, d, scores + i);
        const auto keep = hn::Gt(here, below);
        if (hn::AllFalse(d, keep)) continue;
        const auto documents = hn::Iota(dw, base + static_cast<std::uint32_t>(i));
        found += Keep(documents, here, keep, out_documents + found, out_scores + found);
      }
    }
  }
  return found;
}

std::size_t KeepAtLeast(const std::uint32_t* documents, const std::int32_t* scores, std::size_t count, std::int32_t cut,
                        std::uint32_t* out_documents, std::int32_t* out_scores) {
  const Ints d;
  const Words dw;
  const std::size_t lanes = hn::Lanes(d);
  const auto below = hn::Set(d, cut - 1);
  std::size_t found = 0, i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto here = hn::LoadU(d, scores + i);
    const auto keep = hn::Gt(here, below);
    if (hn::AllFalse(d, keep)) continue;
    found += Keep(hn::LoadU(dw, documents + i), here, keep, out_documents + found, out_scores + found);
  }
  for (; i < count; ++i) {
    out_documents[found] = documents[i];
    out_scores[found] = scores[i];
    found += scores[i] >= cut;
  }
  return found;
}

void CountBelow(const std::uint32_t* numbers, const std::uint32_t* wanted, std::size_t count, std::uint32_t* out) {
  const Ints d;
  const Words dw;
  // Compared as signed numbers, which every processor can.
  const auto flip = hn::Set(dw, 0x80000000u);
  for (std::size_t j = 0; j < count; ++j) {
    const auto least = hn::Set(d, static_cast<std::int32_t>(wanted[j] ^ 0x80000000u));
    std::size_t below = 0;
    for (std::size_t i = 0; i < 128; i += hn::Lanes(d)) {
      const auto here = hn::BitCast(d, hn::Xor(hn::LoadU(dw, numbers + i), flip));
      below += hn::CountTrue(d, hn::Lt(here, least));
    }
    out[j] = static_cast<std::uint32_t>(below);
  }
}

}  // namespace dragoman::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman {

HWY_EXPORT(ScoreBm25);
HWY_EXPORT(ScoreBm25Weights);
HWY_EXPORT(ScoreImpacts);
HWY_EXPORT(Collect);
HWY_EXPORT(KeepAtLeast);
HWY_EXPORT(CountBelow);

namespace {

/// To nearest even, and at least 1: adding 1.5 * 2^52 leaves the rounded number in the lowest bits.
std::int32_t round_score(float score) {
  const auto bits = std::bit_cast<std::uint64_t>(static_cast<double>(score) + 6755399441055744.0);
  return std::max(std::bit_cast<std::int32_t>(static_cast<std::uint32_t>(bits)), std::int32_t{1});
}

}  // namespace

std::int32_t bm25_of(float weight, std::uint32_t frequency, float norm) {
  const auto tf = static_cast<float>(static_cast<std::int32_t>(frequency));
  return round_score(weight * tf / (tf + norm));
}

std::int32_t impact_of(float weight, std::uint32_t frequency) {
  return round_score(weight * static_cast<float>(static_cast<std::int32_t>(frequency)));
}

void score_bm25(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count, const float* norms,
                float weight, std::int32_t* out) {
  HWY_DYNAMIC_DISPATCH(ScoreBm25)(documents, frequencies, count, norms, weight, out);
}

void score_bm25_scalar(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                       const float* norms, float weight, std::int32_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = bm25_of(weight, frequencies[i], norms[documents[i]]);
}

void score_bm25_weights(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                        const float* norms, const float* weights, std::int32_t* out) {
  HWY_DYNAMIC_DISPATCH(ScoreBm25Weights)(documents, frequencies, count, norms, weights, out);
}

void score_impacts(const std::uint32_t* frequencies, std::size_t count, float weight, std::int32_t* out) {
  HWY_DYNAMIC_DISPATCH(ScoreImpacts)(frequencies, count, weight, out);
}

void score_impacts_scalar(const std::uint32_t* frequencies, std::size_t count, float weight, std::int32_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = impact_of(weight, frequencies[i]);
}

std::size_t collect(std::int32_t* scores, std::uint8_t* touched, std::size_t groups, std::int32_t cut,
                    std::uint32_t base, std::uint32_t* out_documents, std::int32_t* out_scores) {
  return HWY_DYNAMIC_DISPATCH(Collect)(scores, touched, groups, cut, base, out_documents, out_scores);
}

std::size_t collect_scalar(std::int32_t* scores, std::uint8_t* touched, std::size_t groups, std::int32_t cut,
                           std::uint32_t base, std::uint32_t* out_documents, std::int32_t* out_scores) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < groups * kTouchedDocuments; ++i) {
    if (touched[i / kTouchedDocuments] == 0) continue;
    if (scores[i] >= cut) {
      out_documents[found] = base + static_cast<std::uint32_t>(i);
      out_scores[found++] = scores[i];
    }
    scores[i] = 0;
  }
  std::fill_n(touched, groups, std::uint8_t{0});
  return found;
}

std::size_t keep_at_least(const std::uint32_t* documents, const std::int32_t* scores, std::size_t count,
                          std::int32_t cut, std::uint32_t* out_documents, std::int32_t* out_scores) {
  return HWY_DYNAMIC_DISPATCH(KeepAtLeast)(documents, scores, count, cut, out_documents, out_scores);
}

std::size_t keep_at_least_scalar(const std::uint32_t* documents, const std::int32_t* scores, std::size_t count,
                                 std::int32_t cut, std::uint32_t* out_documents, std::int32_t* out_scores) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t document = documents[i];
    const std::int32_t score = scores[i];
    if (score < cut) continue;
    out_documents[found] = document;
    out_scores[found++] = score;
  }
  return found;
}

void count_below(const std::uint32_t* numbers, const std::uint32_t* wanted, std::size_t count, std::uint32_t* out) {
  HWY_DYNAMIC_DISPATCH(CountBelow)(numbers, wanted, count, out);
}

void count_below_scalar(const std::uint32_t* numbers, const std::uint32_t* wanted, std::size_t count,
                        std::uint32_t* out) {
  for (std::size_t j = 0; j < count; ++j) {
    out[j] = static_cast<std::uint32_t>(std::lower_bound(numbers, numbers + 128, wanted[j]) - numbers);
  }
}

}  // namespace dragoman
#endif  // HWY_ONCE
