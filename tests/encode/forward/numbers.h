#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace dragoman::test {

/// The same n numbers for the same seed, spread evenly over [low, high).
inline std::vector<float> numbers(std::size_t n, double low, double high, std::uint32_t seed = 7) {
  std::mt19937 random(seed);
  std::vector<float> x(n);
  for (float& value : x) value = static_cast<float>(low + (high - low) * static_cast<double>(random()) / 4294967296.0);
  return x;
}

}  // namespace dragoman::test
