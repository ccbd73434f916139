#include "dense/scored_passages.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "collection/allowed.h"
#include "dragoman/base/error.h"

namespace dragoman {

ScoredPassages best_documents(const DenseVectors& vectors, ScoredPassages passages, std::size_t depth) {
  std::ranges::sort(passages, [](const ScoredPassage& a, const ScoredPassage& b) {
    return a.score != b.score ? a.score > b.score : a.passage < b.passage;
  });
  // Passages ascend with documents, so what comes first of a document's is what is to be kept.
  ScoredPassages best;
  std::unordered_set<DocumentNumber> seen;
  for (const ScoredPassage& passage : passages) {
    if (best.size() == depth) break;
    if (seen.insert(vectors.document(passage.passage)).second) best.push_back(passage);
  }
  return best;
}

void check_adjustment(const ScoreAdjustment* adjustment, std::size_t passages, std::size_t queries) {
  if (adjustment == nullptr) return;
  if (adjustment->scales.size() != passages || adjustment->groups.size() != passages ||
      adjustment->offsets.size() != queries * adjustment->group_count) {
    throw InvalidArgument(fmt::format(
        "dense: scores of {} passages and {} queries are to be adjusted by {} scales, {} groups and {} offsets",
        passages, queries, adjustment->scales.size(), adjustment->groups.size(), adjustment->offsets.size()));
  }
}

ScoredPassages rescore(const DenseVectors& vectors, std::span<const float> query, const QueryAdjustment& adjustment,
                       std::span<const std::uint32_t> passages, std::size_t depth) {
  ScoredPassages scored;
  scored.reserve(passages.size());
  // The vectors lie far apart: each is on its way to the cache while those before it are compared.
  constexpr std::size_t kAhead = 3;
  const auto prefetch = [&](std::size_t i) {
    if (i >= passages.size()) return;
    const auto vector = vectors.vector(passages[i]);
    for (std::size_t j = 0; j < vector.size(); j += 16) __builtin_prefetch(vector.data() + j);
  };
  for (std::size_t i = 0; i < kAhead; ++i) prefetch(i);
  for (std::size_t i = 0; i < passages.size(); ++i) {
    prefetch(i + kAhead);
    const std::uint32_t passage = passages[i];
    scored.push_back({passage, orderly(adjustment(inner_product(query, vectors.vector(passage)), passage))});
  }
  return best_documents(vectors, std::move(scored), depth);
}

std::vector<DenseMatch> matches_of(const DenseVectors& vectors, std::span<const ScoredPassage> passages) {
  std::vector<DenseMatch> matches;
  for (const ScoredPassage& passage : passages) {
    matches.push_back({vectors.passage(passage.passage), passage.score});
  }
  return matches;
}

std::vector<std::uint32_t> allowed_passages(const DenseVectors& vectors, std::span<const std::uint8_t> allowed) {
  std::vector<std::uint32_t> passages;
  const auto documents = vectors.documents();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (is_allowed(allowed, documents[i])) passages.push_back(static_cast<std::uint32_t>(i));
  }
  return passages;
}

void check_dimension(const DenseVectors& vectors, std::size_t dimension) {
  if (vectors.dimension() != 0 && dimension != vectors.dimension()) {
    throw InvalidArgument(fmt::format("dense: query has {} dimensions, the index {}", dimension, vectors.dimension()));
  }
}

}  // namespace dragoman
