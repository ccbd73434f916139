#include "encode/forward/token_pooling.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "encode/forward/kernels.h"

namespace dragoman {
namespace {

/// Clusters of tokens that are joined pair by pair, the closest first. A cluster is known by its first token.
class Clusters {
 public:
  Clusters(std::span<const float> vectors, std::size_t dimension)
      : count_(vectors.size() / dimension),
        distances_(count_ * count_),
        sizes_(count_, 1),
        nearest_(count_),
        of_(count_) {
    std::iota(of_.begin(), of_.end(), 0);
    for (std::size_t i = 0; i < count_; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        // |a - b|^2 of unit vectors.
        distance(i, j) = distance(j, i) =
            std::max(0.0f, 2 - 2 * dot(vectors.data() + i * dimension, vectors.data() + j * dimension, dimension));
      }
    }
    for (std::size_t i = 0; i < count_; ++i) find_nearest(i);
  }

  void join_closest() {
    std::size_t first = count_;
    for (std::size_t i = 0; i < count_; ++i) {
      if (sizes_[i] == 0 || nearest_[i] == count_) continue;
      if (first == count_ || distance(i, nearest_[i]) < distance(first, nearest_[first])) first = i;
    }
    join(first, nearest_[first]);
  }

  /// The cluster of each token.
  const std::vector<std::size_t>& of() const { return of_; }

 private:
  float& distance(std::size_t i, std::size_t j) { return distances_[i * count_ + j]; }

  /// The nearest cluster behind `i`, so that each pair is looked at once; count_ if there is none.
  void find_nearest(std::size_t i) {
    nearest_[i] = count_;
    for (std::size_t j = i + 1; j < count_; ++j) {
      if (sizes_[j] != 0 && (nearest_[i] == count_ || distance(i, j) < distance(i, nearest_[i]))) nearest_[i] = j;
    }
  }

  void join(std::size_t a, std::size_t b) {
    const float size_a = sizes_[a], size_b = sizes_[b], between = distance(a, b);
    for (std::size_t k = 0; k < count_; ++k) {
      if (sizes_[k] == 0 || k == a || k == b) continue;
      // Lance and Williams, "A General Theory of Classificatory Sorting Strategies", 1967, for Ward's criterion.
      const float size_k = sizes_[k], all = size_a + size_b + size_k;
      distance(a, k) = distance(k, a) =
          ((size_a + size_k) * distance(a, k) + (size_b + size_k) * distance(b, k) - size_k * between) / all;
    }
    sizes_[a] += sizes_[b];
    sizes_[b] = 0;
    std::ranges::replace(of_, b, a);
    find_nearest(a);
    for (std::size_t k = 0; k < a; ++k) {
      if (sizes_[k] == 0) continue;
      if (nearest_[k] == a || nearest_[k] == b) {
        find_nearest(k);
      } else if (distance(k, a) < distance(k, nearest_[k])) {
        nearest_[k] = a;
      }
    }
    for (std::size_t k = a + 1; k < b; ++k) {
      if (sizes_[k] != 0 && nearest_[k] == b) find_nearest(k);
    }
  }

  std::size_t count_;
  std::vector<float> distances_;  ///< [tokens, tokens], of those clusters that still are.
  std::vector<float> sizes_;      ///< Tokens of each cluster; 0 for those that were joined to another.
  std::vector<std::size_t> nearest_;
  std::vector<std::size_t> of_;
};

}  // namespace

std::vector<float> pool_tokens(std::span<const float> vectors, std::size_t dimension, std::size_t factor) {
  const std::size_t count = vectors.size() / dimension, wanted = (count + factor - 1) / factor;
  if (wanted >= count) return {vectors.begin(), vectors.end()};
  Clusters clusters(vectors, dimension);
  for (std::size_t left = count; left > wanted; --left) clusters.join_closest();

  std::vector<float> pooled;
  for (std::size_t cluster = 0; cluster < count; ++cluster) {
    if (clusters.of()[cluster] != cluster) continue;
    std::vector<float> mean(dimension);
    float members = 0;
    for (std::size_t token = cluster; token < count; ++token) {
      if (clusters.of()[token] != cluster) continue;
      add(mean.data(), vectors.data() + token * dimension, dimension);
      ++members;
    }
    for (const float x : mean) pooled.push_back(x / members);
  }
  return pooled;
}

}  // namespace dragoman
