#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace dragoman {

// The inner loops of weighted unions, under the same rules as those in score_kernels.h: arrays that are written have
// room for kKernelPadding more, and the scalar functions give the same bits.

/// out[i] = weight * tf * inverse, tf = frequencies[i], inverse = inverses[documents[i]]; the first product first;
/// count is at most 128.
void weigh_frequencies(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                       const float* inverses, float weight, float* out);
void weigh_frequencies_scalar(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                              const float* inverses, float weight, float* out);

/// out[i] = max(1, round(weights[i] * (x / (x + 1)))), x = sums[i], to nearest even. Results must be below 2^31. Reads
/// up to kKernelPadding more of both.
void saturate(const float* sums, const float* weights, std::size_t count, std::int32_t* out);
void saturate_scalar(const float* sums, const float* weights, std::size_t count, std::int32_t* out);

/// One of each.
inline float weighted_frequency(float weight, std::uint32_t frequency, float inverse) {
  return weight * static_cast<float>(static_cast<std::int32_t>(frequency)) * inverse;
}
std::int32_t saturated(float weight, float sum);

}  // namespace dragoman
