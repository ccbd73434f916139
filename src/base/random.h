#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace dragoman {

/// Random numbers that are the same everywhere: the standard prescribes every bit of std::mt19937_64, but leaves
/// std::uniform_int_distribution and std::shuffle to the library at hand. Not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// 64 independent bits.
  std::uint64_t bits() { return engine_(); }

  /// Uniform in [0, bound), without bias; `bound` is at least 1.
  /// Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 2019, algorithm 4.
  std::uint32_t below(std::uint32_t bound) {
    const std::uint32_t threshold = -bound % bound;  // 2^32 mod bound: as many products would be one too many
    for (;;) {
      const std::uint64_t product = (bits() >> 32) * bound;
      if (static_cast<std::uint32_t>(product) >= threshold) return static_cast<std::uint32_t>(product >> 32);
    }
  }

  /// Calls `take` with `count` numbers as below() gives them. Up to a bound of 2^16, each draw of 64 bits serves for
  /// four, which is what it is for: the engine costs more than all the rest.
  template <typename Take>
  void below(std::uint32_t bound, std::size_t count, Take take) {
    if (bound > 1u << 16) {
      for (std::size_t i = 0; i < count; ++i) take(below(bound));
      return;
    }
    const std::uint32_t threshold = (1u << 16) % bound;
    while (count > 0) {
      std::uint64_t draw = bits();
      for (int i = 0; i < 4 && count > 0; ++i, draw >>= 16) {
        // At most 2^32 - 2^16: it fits.
        const std::uint32_t product = static_cast<std::uint16_t>(draw) * bound;
        if (static_cast<std::uint16_t>(product) < threshold) continue;
        take(product >> 16);
        --count;
      }
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace dragoman
