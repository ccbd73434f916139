#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "multivector/kernels.h"

namespace dragoman {

/// What codes stand for: multiples of `unit`, which is in deviations of a residual.
struct Levels {
  std::array<std::int8_t, kCodeBlock> steps{};  ///< The first 2^bits ascend, the rest is 0.
  float unit = 1;
};

/// The 2^bits levels with the least mean squared error on a sample, the largest of them 127 steps.
/// Lloyd, "Least Squares Quantization in PCM", IEEE Transactions on Information Theory 1982.
class LevelTrainer {
 public:
  LevelTrainer();
  void add(double value);
  Levels levels(unsigned bits) const;

 private:
  std::vector<std::uint64_t> counts_;  // Of values by steps of 1/256; sums of whole numbers do not depend on order.
};

/// A residual r as a scale and one of 2^bits levels a dimension:  r[d] ~ scale * weights[d] * levels.steps[code[d]].
class ResidualCoder {
 public:
  /// @param weights [dimension], above 0.
  ResidualCoder(std::span<const float> weights, const Levels& levels, unsigned bits);

  /// Writes the levels' numbers and returns the scale: the two in turn are chosen best for the other, twice, from the
  /// residual's own deviation on. The scale at last is the one of the least squared error.
  /// @param residual [dimension]; @param codes [dimension].
  float encode(const float* residual, std::uint8_t* codes);

 private:
  std::vector<float> weights_, thresholds_, relative_;
  std::array<float, kCodeBlock> levels_{};
  float unit_;
};

/// Codes of one vector, [padded], as CodesView has them: padded * bits / 8 bytes.
void pack(const std::uint8_t* codes, std::size_t padded, unsigned bits, std::uint8_t* out);
void unpack(const std::uint8_t* in, std::size_t padded, unsigned bits, std::uint8_t* codes);

}  // namespace dragoman
