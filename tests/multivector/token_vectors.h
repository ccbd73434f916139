#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "dragoman/multivector/max_sim.h"

namespace dragoman::test {

/// About normal: the sum of twelve uniform numbers.
inline float normal(Random& random) {
  std::uint32_t sum = 0;
  random.below(1u << 12, 12, [&sum](std::uint32_t number) { sum += number; });
  return static_cast<float>(sum) / 4096 - 6;
}

inline void to_unit_length(std::span<float> vector) {
  double squares = 0;
  for (const float x : vector) squares += double{x} * x;
  for (float& x : vector) x = static_cast<float>(x / std::sqrt(squares));
}

/// Texts as late interaction sees them: each is about one of 20 topics, and its tokens are noisy copies of 30 of 400
/// token types that belong to the topic.
class TokenVectors {
 public:
  explicit TokenVectors(std::size_t dimension, std::uint64_t seed = 5) : dimension_(dimension), random_(seed) {
    for (std::size_t i = 0; i < kTypes * dimension; ++i) types_.push_back(normal(random_));
    for (std::size_t i = 0; i < kTypes; ++i) to_unit_length(std::span(types_).subspan(i * dimension, dimension));
    for (std::size_t i = 0; i < kTopics * kTypesOfTopic; ++i) topics_.push_back(random_.below(kTypes));
  }

  std::vector<float> text(std::size_t tokens) {
    const std::size_t topic = random_.below(kTopics);
    std::vector<float> vectors;
    for (std::size_t t = 0; t < tokens; ++t) {
      const std::size_t type = topics_[topic * kTypesOfTopic + random_.below(kTypesOfTopic)];
      append_noisy(std::span(types_).subspan(type * dimension_, dimension_), 0.6f, vectors);
    }
    return vectors;
  }

  /// Noisy copies of some of a text's tokens.
  std::vector<float> query(std::span<const float> text, std::size_t tokens) {
    std::vector<float> vectors;
    for (std::size_t t = 0; t < tokens; ++t) {
      const std::size_t token = random_.below(static_cast<std::uint32_t>(text.size() / dimension_));
      append_noisy(text.subspan(token * dimension_, dimension_), 0.4f, vectors);
    }
    return vectors;
  }

 private:
  static constexpr std::size_t kTypes = 400, kTopics = 20, kTypesOfTopic = 30;

  void append_noisy(std::span<const float> centre, float noise, std::vector<float>& out) {
    const std::size_t begin = out.size();
    for (const float x : centre) out.push_back(x + noise * normal(random_) / std::sqrt(static_cast<float>(dimension_)));
    to_unit_length(std::span(out).subspan(begin));
  }

  std::size_t dimension_;
  Random random_;
  std::vector<float> types_;
  std::vector<std::size_t> topics_;
};

inline MatrixView rows_of(const std::vector<float>& values, std::size_t dimension) {
  return {values, values.size() / dimension, dimension};
}

}  // namespace dragoman::test
