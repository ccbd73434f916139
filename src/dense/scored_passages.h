#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "dragoman/dense/dense_vectors.h"
#include "dragoman/dense/flat_index.h"

namespace dragoman {

struct ScoredPassage {
  std::uint32_t passage = 0;  ///< By the numbers of DenseVectors.
  float score = 0;
};

/// What is no number, as of a damaged file, is worse than any: it has no place in an order.
inline float orderly(float score) { return score == score ? score : -std::numeric_limits<float>::infinity(); }

using ScoredPassages = std::vector<ScoredPassage>;

/// Keeps the best passage (the first of equals) of each document, and of documents the best `depth`: score descending,
/// then document ascending.
ScoredPassages best_documents(const DenseVectors& vectors, ScoredPassages passages, std::size_t depth);

/// What one query's inner products become.
class QueryAdjustment {
 public:
  /// @param all null: they stay what they are.
  QueryAdjustment(const ScoreAdjustment* all, std::size_t query) : all_(all) {
    if (all != nullptr) offsets_ = all->offsets.subspan(query * all->group_count, all->group_count);
  }

  bool any() const { return all_ != nullptr; }
  float scale(std::size_t passage) const { return all_->scales[passage]; }
  float offset(std::size_t passage) const { return offsets_[all_->groups[passage]]; }
  float operator()(float product, std::size_t passage) const {
    return any() ? scale(passage) * (product - offset(passage)) : product;
  }

 private:
  const ScoreAdjustment* all_;
  std::span<const float> offsets_;
};

/// @throws InvalidArgument if it is not for so many passages and queries.
void check_adjustment(const ScoreAdjustment* adjustment, std::size_t passages, std::size_t queries);

/// The same of passages by the inner products of their vectors, adjusted.
ScoredPassages rescore(const DenseVectors& vectors, std::span<const float> query, const QueryAdjustment& adjustment,
                       std::span<const std::uint32_t> passages, std::size_t depth);

std::vector<DenseMatch> matches_of(const DenseVectors& vectors, std::span<const ScoredPassage> passages);

/// Passages of documents that may be returned, ascending.
std::vector<std::uint32_t> allowed_passages(const DenseVectors& vectors, std::span<const std::uint8_t> allowed);

/// @throws InvalidArgument if queries of this dimension cannot be compared with the vectors.
void check_dimension(const DenseVectors& vectors, std::size_t dimension);

}  // namespace dragoman
