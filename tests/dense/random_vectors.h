#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dragoman/dense/dense_vectors.h"
#include "support/test_support.h"

namespace dragoman::test {

/// Unit vectors in overlapping clusters, as encoders of texts give them; documents of one to three passages, and some
/// of none. Cut into segments between documents.
class ClusteredVectors {
 public:
  static constexpr const char* kStamp = "1 encoder test";

  ClusteredVectors(std::size_t documents, std::size_t dimension, std::uint32_t seed, std::size_t segments = 3)
      : dimension_(dimension), random_(seed) {
    for (std::size_t c = 0; c < 20; ++c) centers_.push_back(draw({}, 1));
    std::vector<std::shared_ptr<const DenseSegment>> parts;
    for (std::size_t s = 0; s < segments; ++s) {
      DenseSegmentBuilder builder(dimension);
      for (std::size_t document = documents * s / segments; document < documents * (s + 1) / segments; ++document) {
        for (std::size_t p = 0; p < (random_() % 8 == 0 ? 0 : 1 + random_() % 3); ++p) {
          builder.add({static_cast<DocumentNumber>(document), {10 * p, 10 * p + 10}}, vector());
        }
      }
      const auto path = folder_.path() / ("vectors-" + std::to_string(s));
      builder.write(path, kStamp);
      parts.push_back(std::make_shared<const DenseSegment>(path, kStamp));
    }
    vectors_ = std::make_shared<const DenseVectors>(std::move(parts));
  }

  std::vector<float> vector() { return draw(centers_[random_() % centers_.size()], 0.6f); }

  std::vector<float> queries(std::size_t count) {
    std::vector<float> all;
    for (std::size_t q = 0; q < count; ++q) {
      const auto query = vector();
      all.insert(all.end(), query.begin(), query.end());
    }
    return all;
  }

  /// Each document with a probability of one in `one_in`.
  std::vector<std::uint8_t> filter(std::size_t documents, std::size_t one_in) {
    std::vector<std::uint8_t> allowed(documents);
    for (auto& may : allowed) may = random_() % one_in == 0;
    return allowed;
  }

  const std::shared_ptr<const DenseVectors>& get() const { return vectors_; }
  std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }

 private:
  std::vector<float> draw(const std::vector<float>& center, float noise) {
    std::normal_distribution<float> numbers;
    std::vector<float> values(dimension_);
    float sum = 0;
    for (std::size_t i = 0; i < dimension_; ++i) {
      values[i] = noise * numbers(random_) / std::sqrt(static_cast<float>(dimension_));
      if (!center.empty()) values[i] += center[i];
      sum += values[i] * values[i];
    }
    for (float& value : values) value /= std::sqrt(sum);
    return values;
  }

  TemporaryFolder folder_;
  std::size_t dimension_;
  std::mt19937 random_;
  std::vector<std::vector<float>> centers_;
  std::shared_ptr<const DenseVectors> vectors_;
};

/// Vectors of six numbers, one a document: zeros, equal vectors and lengths far from 1, whatever a user's encoder may
/// give. Written to `path`.
inline std::shared_ptr<const DenseVectors> vectors_of_any_length(const std::filesystem::path& path,
                                                                 DocumentNumber documents, std::uint32_t seed) {
  DenseSegmentBuilder builder(6);
  std::mt19937 random(seed);
  for (DocumentNumber document = 0; document < documents; ++document) {
    const float length = document % 5 == 0 ? 0.0f : std::pow(10.0f, static_cast<float>(random() % 9) - 4);
    std::vector<float> vector(6);
    for (float& value : vector) value = length * (static_cast<float>(random() % 7) - 3);
    builder.add({document, {0, 1}}, vector);
  }
  builder.write(path, "s");
  return std::make_shared<const DenseVectors>(
      std::vector<std::shared_ptr<const DenseSegment>>{std::make_shared<const DenseSegment>(path, "s")});
}

/// Three queries for them.
inline const std::vector<float> kQueriesOfAnyLength = {1, 2, 3, -4, 5, 6, 0, 0, 0, 0, 0, 0, 1e-3f, 0, 0, 2e3f, 0, 1};

}  // namespace dragoman::test
