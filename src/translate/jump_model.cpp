#include "translate/jump_model.h"

#include <algorithm>
#include <cmath>

namespace dragoman {
namespace {

/// Smallest probability that is kept apart from zero: a sentence whose words never met otherwise still has a path.
constexpr float kTiny = 1e-30f;

constexpr double kUnit = 4294967296.0;  // 2^32.

}  // namespace

JumpModel::JumpModel() {
  // Near places first: the first iteration should not have to find out that translations keep their order mostly.
  for (std::size_t i = 0; i < kJumps; ++i) {
    const int jump = static_cast<int>(i) - kFurthest;
    jumps_[i] = 1.0 / (1.0 + std::abs(jump - 1));
  }
}

std::size_t JumpModel::bucket(std::ptrdiff_t jump) {
  return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(jump, -kFurthest, kFurthest) + kFurthest);
}

void JumpModel::prepare(std::span<const std::size_t> lengths) {
  for (const std::size_t length : lengths) {
    auto& matrix = matrices_[length];
    if (!matrix.empty()) continue;
    matrix.resize((length + 1) * length);
    for (std::size_t from = 0; from <= length; ++from) {
      double sum = 0;
      for (std::size_t to = 0; to < length; ++to)
        sum += jumps_[bucket(static_cast<std::ptrdiff_t>(to + 1) - static_cast<std::ptrdiff_t>(from))];
      for (std::size_t to = 0; to < length; ++to) {
        const double jump = jumps_[bucket(static_cast<std::ptrdiff_t>(to + 1) - static_cast<std::ptrdiff_t>(from))];
        matrix[from * length + to] = static_cast<float>((1 - double{kFromNone}) * jump / sum);
      }
    }
  }
}

void JumpModel::maximize(const Counts& counts) {
  double all = 0;
  for (const std::uint64_t count : counts) all += static_cast<double>(count) / kUnit;
  for (std::size_t i = 0; i < kJumps; ++i) {
    jumps_[i] = (static_cast<double>(counts[i]) / kUnit + 0.1) / (all + 0.1 * static_cast<double>(kJumps));
  }
  matrices_.clear();
}

double ForwardBackward::run(std::span<const float> emissions, std::span<const float> from_none,
                            std::span<const float> transitions, std::size_t observed, std::size_t states,
                            std::span<float> posteriors, std::span<float> none, JumpModel::Counts* jumps) {
  // State k of 0 .. states is "the last place was k - 1"; it is reached by a word from that place, or kept by one from
  // none. Each step is scaled to add up to 1.
  const std::size_t all = states + 1;
  reached_.assign((observed + 1) * all, 0.0f);  // Mass of each state after each word.
  empty_.assign(observed * all, 0.0f);          // The part of it that came by a word from none.
  scaled_.assign(observed, 0.0f);
  next_.resize(all);
  reached_[0] = 1;
  double log_probability = 0;
  for (std::size_t j = 0; j < observed; ++j) {
    const float* before = &reached_[j * all];
    float* after = &reached_[(j + 1) * all];
    for (std::size_t k = 0; k < all; ++k) {
      const float mass = before[k];
      if (mass == 0) continue;
      const float* row = &transitions[k * states];
      for (std::size_t i = 0; i < states; ++i) after[i + 1] += mass * row[i];
    }
    for (std::size_t i = 0; i < states; ++i) after[i + 1] *= emissions[j * states + i];
    const float by_none = JumpModel::kFromNone * from_none[j];
    float sum = 0;
    for (std::size_t k = 0; k < all; ++k) {
      empty_[j * all + k] = before[k] * by_none;
      after[k] += empty_[j * all + k];
      sum += after[k];
    }
    sum = std::max(sum, kTiny);
    scaled_[j] = 1 / sum;
    log_probability += std::log(static_cast<double>(sum));
    for (std::size_t k = 0; k < all; ++k) {
      after[k] *= scaled_[j];
      empty_[j * all + k] *= scaled_[j];
    }
  }
  backward_.assign(all, 1.0f);
  std::array<float, JumpModel::kJumps> jumped{};
  for (std::size_t j = observed; j-- > 0;) {
    const float* before = &reached_[j * all];
    const float* after = &reached_[(j + 1) * all];
    float kept = 0;
    for (std::size_t k = 0; k < all; ++k) kept += empty_[j * all + k] * backward_[k];
    none[j] = std::min(kept, 1.0f);
    for (std::size_t i = 0; i < states; ++i) {
      posteriors[j * states + i] = std::min((after[i + 1] - empty_[j * all + i + 1]) * backward_[i + 1], 1.0f);
      // What a place at this word is worth from here on.
      next_[i] = emissions[j * states + i] * backward_[i + 1] * scaled_[j];
    }
    const float by_none = JumpModel::kFromNone * from_none[j] * scaled_[j];
    for (std::size_t k = 0; k < all; ++k) {
      const float* row = &transitions[k * states];
      float sum = 0;
      for (std::size_t i = 0; i < states; ++i) sum += row[i] * next_[i];
      if (jumps != nullptr && before[k] > 1e-6f) {
        const float mass = before[k];
        for (std::size_t i = 0; i < states; ++i) {
          jumped[JumpModel::bucket(static_cast<std::ptrdiff_t>(i + 1) - static_cast<std::ptrdiff_t>(k))] +=
              mass * row[i] * next_[i];
        }
      }
      backward_[k] = sum + by_none * backward_[k];
    }
  }
  if (jumps != nullptr) {
    for (std::size_t i = 0; i < jumped.size(); ++i) {
      (*jumps)[i] += static_cast<std::uint64_t>(static_cast<double>(jumped[i]) * kUnit + 0.5);
    }
  }
  return log_probability;
}

}  // namespace dragoman
