#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/dense/derived_segment.h"

namespace dragoman {

/// Signed codes are stored with this added, as processors multiply unsigned with signed bytes.
inline constexpr std::uint8_t kInt8Zero = 128;

/// Groups of four dimensions, the last filled up with zeros.
inline constexpr std::size_t groups_of(std::size_t dimension) { return (dimension + 3) / 4; }

/// codes[i] = round(vector[i] / scale) in [-127, 127]; returns the scale, 0 for a vector of zeros.
float quantize_int8(std::span<const float> vector, std::span<std::int8_t> codes);

/// The nearest number with 8 bits of significand, to even between two, and back.
std::uint16_t to_bf16(float value);
float from_bf16(std::uint16_t bits);

/// Mean of a run's vectors, [dimension]; zeros for an empty run.
std::vector<float> mean_of(const DenseVectors& vectors, const PassageRun& run);

}  // namespace dragoman
