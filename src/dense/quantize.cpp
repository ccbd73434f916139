#include "dense/quantize.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace dragoman {

float quantize_int8(std::span<const float> vector, std::span<std::int8_t> codes) {
  float greatest = 0;
  for (const float value : vector) greatest = std::max(greatest, std::abs(value));
  const float scale = greatest / 127;
  // What is so small that it cannot be divided by counts as nothing; the error that is stored knows of it.
  const float inverse = 1 / scale;
  if (!std::isfinite(inverse) || !std::isfinite(greatest)) {
    std::ranges::fill(codes, std::int8_t{0});
    return 0;
  }
  for (std::size_t i = 0; i < vector.size(); ++i) {
    codes[i] = static_cast<std::int8_t>(std::clamp(std::nearbyint(vector[i] * inverse), -127.0f, 127.0f));
  }
  return scale;
}

std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = bits + 0x7FFF + ((bits >> 16) & 1);
  // The greatest numbers would be rounded to infinity.
  return static_cast<std::uint16_t>((rounded & 0x7F800000) == 0x7F800000 ? bits >> 16 : rounded >> 16);
}

float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

std::vector<float> mean_of(const DenseVectors& vectors, const PassageRun& run) {
  std::vector<double> sums(vectors.dimension());
  for (std::size_t i = 0; i < run.size; ++i) {
    const auto vector = vectors.vector(run.begin + i);
    for (std::size_t d = 0; d < sums.size(); ++d) sums[d] += vector[d];
  }
  std::vector<float> mean(sums.size());
  const double size = static_cast<double>(std::max<std::size_t>(run.size, 1));
  std::ranges::transform(sums, mean.begin(), [&](double sum) { return static_cast<float>(sum / size); });
  return mean;
}

}  // namespace dragoman
