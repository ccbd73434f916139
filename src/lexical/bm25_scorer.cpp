#include "lexical/bm25_scorer.h"

#include <algorithm>
#include <cmath>

#include "lexical/score_kernels.h"

namespace dragoman {
namespace {

/// Of any posting of a block, were its documents' weight this.
std::int32_t bound_of(const BlockHeader& header, float weight, const std::array<float, kLengthCodes>& least_norms) {
  std::int32_t bound = 0;
  for (std::uint32_t i = 0; i + 1 < kFrequencyClasses; ++i) {
    if (header.least_length[i] == kNoLength) continue;
    bound = std::max(bound, bm25_of(weight, i + 1, least_norms[header.least_length[i]]));
  }
  if (const std::uint8_t length = header.least_length.back(); length != kNoLength) {
    // Beyond what the header can tell, a frequency counts as one without end.
    const float norm = header.most_frequency == 255 ? 0 : least_norms[length];
    bound = std::max(bound, bm25_of(weight, header.most_frequency, norm));
  }
  return raise_bound(bound);
}

}  // namespace

double idf(double documents, double df) { return std::log(1.0 + (documents - df + 0.5) / (df + 0.5)); }

void Bm25Scorer::score(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                       std::int32_t* out) const {
  score_bm25(documents, frequencies, count, norms_.data(), weight_, out);
}

std::int32_t Bm25Scorer::score(std::uint32_t document, std::uint32_t frequency) const {
  return bm25_of(weight_, frequency, norms_[document]);
}

void Bm25Scorer::bound(std::span<const BlockHeader> headers, std::int32_t* out) const {
  for (const BlockHeader& header : headers) *out++ = bound_of(header, weight_, least_norms_);
}

void GroupedBm25Scorer::score(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                              std::int32_t* out) const {
  std::array<float, kBlockPostings + kKernelPadding> weights;
  for (std::size_t i = 0; i < count; ++i) weights[i] = weights_[groups_[documents[i]]];
  std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(count), kKernelPadding, 0.0f);
  score_bm25_weights(documents, frequencies, count, norms_.data(), weights.data(), out);
}

std::int32_t GroupedBm25Scorer::score(std::uint32_t document, std::uint32_t frequency) const {
  return bm25_of(weights_[groups_[document]], frequency, norms_[document]);
}

void GroupedBm25Scorer::bound(std::span<const BlockHeader> headers, std::int32_t* out) const {
  for (const BlockHeader& header : headers) {
    float weight = 0;
    for (std::size_t i = 0; i < place_weights_.size(); ++i) {
      if ((header.languages >> i & 1) != 0) weight = std::max(weight, place_weights_[i]);
    }
    *out++ = bound_of(header, weight, least_norms_);
  }
}

}  // namespace dragoman
