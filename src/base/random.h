#pragma once

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
  /// Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 2019, algorithm 5, on halves of a draw.
  std::uint32_t below(std::uint32_t bound) {
    std::uint64_t product = std::uint64_t{half()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) {
      const std::uint32_t threshold = -bound % bound;
      while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{half()} * bound;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  std::uint32_t half() {
    has_half_ = !has_half_;
    if (!has_half_) return static_cast<std::uint32_t>(draw_);
    draw_ = engine_();
    return static_cast<std::uint32_t>(draw_ >> 32);
  }

  std::mt19937_64 engine_;
  std::uint64_t draw_ = 0;
  bool has_half_ = false;  // the lower half of draw_ is still to be used
};

}  // namespace dragoman
