#include "multivector/residual_code.h"

#include <algorithm>
#include <cmath>

namespace dragoman {
namespace {

// Residuals are counted in units of their own deviation: hardly any lies beyond eight.
constexpr double kReach = 8;
constexpr double kStepsPerUnit = 256;
constexpr std::size_t kSteps = 2 * static_cast<std::size_t>(kReach * kStepsPerUnit);
constexpr int kLloydRounds = 200;
constexpr int kScaleRounds = 2;

double middle(std::size_t step) { return (static_cast<double>(step) + 0.5) / kStepsPerUnit - kReach; }

/// Where the sample's quantiles are, to begin with.
std::vector<double> quantiles(const std::vector<std::uint64_t>& counts, std::size_t wanted) {
  std::uint64_t total = 0;
  for (const auto count : counts) total += count;
  std::vector<double> found;
  std::uint64_t seen = 0;
  for (std::size_t step = 0; step < counts.size() && found.size() < wanted; ++step) {
    seen += counts[step];
    while (found.size() < wanted && seen * 2 * wanted > total * (2 * found.size() + 1)) found.push_back(middle(step));
  }
  return found;
}

}  // namespace

LevelTrainer::LevelTrainer() : counts_(kSteps) {}

void LevelTrainer::add(double value) {
  const double step = std::floor((std::clamp(value, -kReach, kReach) + kReach) * kStepsPerUnit);
  ++counts_[std::min(static_cast<std::size_t>(step), kSteps - 1)];
}

Levels LevelTrainer::levels(unsigned bits) const {
  const std::size_t count = std::size_t{1} << bits;
  std::vector<double> levels = quantiles(counts_, count);
  if (levels.size() < count) {  // No sample: whatever is symmetric.
    levels.resize(count);
    for (std::size_t i = 0; i < count; ++i) levels[i] = static_cast<double>(2 * i + 1) / static_cast<double>(count) - 1;
  }
  for (int round = 0; round < kLloydRounds; ++round) {
    std::vector<double> sums(count);
    std::vector<std::uint64_t> sizes(count);
    std::size_t level = 0;
    for (std::size_t step = 0; step < kSteps; ++step) {
      while (level + 1 < count && middle(step) > (levels[level] + levels[level + 1]) / 2) ++level;
      sums[level] += middle(step) * static_cast<double>(counts_[step]);
      sizes[level] += counts_[step];
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (sizes[i] > 0) levels[i] = sums[i] / static_cast<double>(sizes[i]);
    }
  }
  double most = 0;
  for (const double level : levels) most = std::max(most, std::fabs(level));
  Levels rounded;
  if (most == 0) return rounded;
  rounded.unit = static_cast<float>(most / 127);
  for (std::size_t i = 0; i < count; ++i) {
    rounded.steps[i] = static_cast<std::int8_t>(std::nearbyint(levels[i] / most * 127));
  }
  return rounded;
}

ResidualCoder::ResidualCoder(std::span<const float> weights, const Levels& levels, unsigned bits)
    : weights_(weights.begin(), weights.end()), relative_(weights.size()), unit_(levels.unit) {
  const std::size_t count = std::size_t{1} << bits;
  for (std::size_t i = 0; i < count; ++i) levels_[i] = levels.steps[i];
  for (std::size_t i = 0; i + 1 < count; ++i) thresholds_.push_back((levels_[i] + levels_[i + 1]) / 2);
}

float ResidualCoder::encode(const float* residual, std::uint8_t* codes) {
  const std::size_t dimension = weights_.size();
  double squares = 0;
  for (std::size_t d = 0; d < dimension; ++d) {
    relative_[d] = residual[d] / weights_[d];
    squares += static_cast<double>(relative_[d]) * relative_[d];
  }
  std::fill_n(codes, dimension, std::uint8_t{0});
  if (squares == 0) return 0;

  float scale = static_cast<float>(std::sqrt(squares / static_cast<double>(dimension))) * unit_;
  for (int round = 0;; ++round) {
    std::fill_n(codes, dimension, std::uint8_t{0});
    for (const float threshold : thresholds_) {
      const float above = threshold * scale;
      for (std::size_t d = 0; d < dimension; ++d) codes[d] += relative_[d] > above;
    }
    double products = 0, norms = 0;
    for (std::size_t d = 0; d < dimension; ++d) {
      const double level = static_cast<double>(levels_[codes[d]]) * weights_[d];
      products += level * residual[d];
      norms += level * level;
    }
    // Nothing is left of a residual that every level points away from.
    if (norms == 0 || products <= 0) return 0;
    scale = static_cast<float>(products / norms);
    if (round == kScaleRounds) return scale;
  }
}

void pack(const std::uint8_t* codes, std::size_t padded, unsigned bits, std::uint8_t* out) {
  const std::size_t fields = 8 / bits;
  for (std::size_t block = 0; block < padded; block += kCodeBlock * fields, out += kCodeBlock) {
    for (std::size_t j = 0; j < kCodeBlock; ++j) {
      unsigned byte = 0;
      for (std::size_t f = 0; f < fields; ++f) byte |= unsigned{codes[block + f * kCodeBlock + j]} << f * bits;
      out[j] = static_cast<std::uint8_t>(byte);
    }
  }
}

void unpack(const std::uint8_t* in, std::size_t padded, unsigned bits, std::uint8_t* codes) {
  const std::size_t fields = 8 / bits, mask = (1u << bits) - 1;
  for (std::size_t block = 0; block < padded; block += kCodeBlock * fields, in += kCodeBlock) {
    for (std::size_t f = 0; f < fields; ++f) {
      for (std::size_t j = 0; j < kCodeBlock; ++j) {
        codes[block + f * kCodeBlock + j] = static_cast<std::uint8_t>(in[j] >> f * bits & mask);
      }
    }
  }
}

}  // namespace dragoman
