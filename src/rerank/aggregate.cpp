#include "rerank/aggregate.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>

namespace dragoman::reranking {
namespace {

/// against[a][b]: orders in which b stands before a, which an order that has a before b contradicts.
using Contradictions = std::vector<std::vector<std::uint32_t>>;

Contradictions contradictions(const std::vector<Order>& orders) {
  const std::size_t count = orders.front().size();
  Contradictions against(count, std::vector<std::uint32_t>(count, 0));
  for (const Order& order : orders) {
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = i + 1; j < count; ++j) ++against[order[j]][order[i]];
    }
  }
  return against;
}

Order borda_order(const std::vector<Order>& orders) {
  const auto points = borda_points(orders);
  Order order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return points[a] > points[b]; });
  return order;
}

/// Dynamic programming over the sets of candidates that stand first. @param by candidates in the order that decides
/// between equally good ones.
Order exact_kemeny(const Contradictions& against, const Order& by) {
  const std::size_t count = by.size();
  const std::size_t sets = std::size_t{1} << count;
  std::vector<std::uint32_t> best(sets, std::numeric_limits<std::uint32_t>::max());
  std::vector<std::uint8_t> last(sets, 0);
  best[0] = 0;
  for (std::size_t set = 1; set < sets; ++set) {
    // The last of a set is tried from the end of `by`, so that of equal ones the earlier ones stand before it.
    for (std::size_t i = count; i-- > 0;) {
      if ((set >> i & 1) == 0) continue;
      const std::size_t before = set & ~(std::size_t{1} << i);
      std::uint32_t cost = best[before];
      for (std::size_t j = 0; j < count; ++j) {
        if (before >> j & 1) cost += against[by[j]][by[i]];
      }
      if (cost < best[set]) {
        best[set] = cost;
        last[set] = static_cast<std::uint8_t>(i);
      }
    }
  }
  Order order;
  for (std::size_t set = sets - 1; set != 0; set &= ~(std::size_t{1} << last[set])) order.push_back(by[last[set]]);
  std::reverse(order.begin(), order.end());
  return order;
}

/// Each candidate moves to where it contradicts least, until none moves. Every move makes the whole strictly better, so
/// it ends.
Order local_kemeny(const Contradictions& against, Order order) {
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t from = 0; from < order.size(); ++from) {
      std::int64_t change = 0, least = 0;
      std::size_t to = from;
      const auto pass = [&](std::size_t first, std::size_t second) {  // From second > first to first > second.
        return static_cast<std::int64_t>(against[first][second]) - static_cast<std::int64_t>(against[second][first]);
      };
      for (std::size_t i = from; i-- > 0;) {
        change += pass(order[from], order[i]);
        if (change < least) least = change, to = i;
      }
      change = 0;
      for (std::size_t i = from + 1; i < order.size(); ++i) {
        change += pass(order[i], order[from]);
        if (change < least) least = change, to = i;
      }
      if (to == from) continue;
      const std::size_t candidate = order[from];
      order.erase(order.begin() + static_cast<std::ptrdiff_t>(from));
      order.insert(order.begin() + static_cast<std::ptrdiff_t>(to), candidate);
      moved = true;
    }
  }
  return order;
}

}  // namespace

std::vector<double> borda_points(const std::vector<Order>& orders) {
  std::vector<double> points(orders.front().size(), 0);
  for (const Order& order : orders) {
    for (std::size_t i = 0; i < order.size(); ++i) points[order[i]] += static_cast<double>(order.size() - 1 - i);
  }
  return points;
}

Order kemeny_order(const std::vector<Order>& orders) {
  const auto against = contradictions(orders);
  const Order borda = borda_order(orders);
  return borda.size() <= kExactKemeny ? exact_kemeny(against, borda) : local_kemeny(against, borda);
}

Order aggregate(const std::vector<Order>& orders, RankAggregation how) {
  return how == RankAggregation::kemeny ? kemeny_order(orders) : borda_order(orders);
}

Agreement compare_scores(const std::vector<std::vector<double>>& lists) {
  Agreement agreement;
  for (std::size_t one = 0; one < lists.size(); ++one) {
    for (std::size_t other = one + 1; other < lists.size(); ++other) {
      for (std::size_t a = 0; a < lists[one].size(); ++a) {
        for (std::size_t b = a + 1; b < lists[one].size(); ++b) {
          const double here = lists[one][a] - lists[one][b], there = lists[other][a] - lists[other][b];
          if (here == 0 || there == 0) continue;
          ++agreement.compared;
          agreement.inconsistent += (here > 0) != (there > 0);
        }
      }
    }
  }
  return agreement;
}

}  // namespace dragoman::reranking
