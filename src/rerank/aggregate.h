#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dragoman/rerank/reranker.h"

namespace dragoman::reranking {

/// Several orders of the same candidates, made one.
using Order = std::vector<std::size_t>;

/// Borda's count: a candidate gets a point for each that it stands before, in each order. [candidates]
std::vector<double> borda_points(const std::vector<Order>& orders);

/// The order that the fewest pairs of the given orders contradict (Kemeny, "Mathematics without Numbers", Daedalus
/// 1959). Exact up to kExactKemeny candidates, O(2^n n); beyond, Borda's order with neighbours exchanged and candidates
/// moved while that helps. Equally good ones: Borda's order decides, then the candidates' own.
Order kemeny_order(const std::vector<Order>& orders);
inline constexpr std::size_t kExactKemeny = 12;

/// By Borda's count or Kemeny's order. @param orders not empty.
Order aggregate(const std::vector<Order>& orders, RankAggregation how);

/// Pairs of candidates that were judged more than once, and those whose judgements contradict each other.
struct Agreement {
  std::uint64_t compared = 0, inconsistent = 0;

  /// Of the pairs that agree; 1 for none.
  double share() const {
    return compared == 0 ? 1 : 1 - static_cast<double>(inconsistent) / static_cast<double>(compared);
  }
};

/// Over all pairs of lists of scores: pairs of candidates that both put into an order, and those that they put into
/// opposite ones.
Agreement compare_scores(const std::vector<std::vector<double>>& lists);

}  // namespace dragoman::reranking
