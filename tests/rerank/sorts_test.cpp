#include "rerank/sorts.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "rerank/aggregate.h"

namespace dragoman::reranking {
namespace {

using testing::ElementsAre;

/// The larger number is the better one.
std::vector<std::optional<std::size_t>> larger(const std::vector<Candidates>& groups) {
  std::vector<std::optional<std::size_t>> best;
  for (const Candidates& group : groups) best.push_back(*std::ranges::max_element(group));
  return best;
}

/// The same, until the answers run out.
BestOf larger_for(std::size_t answers) {
  return [answers](const std::vector<Candidates>& groups) mutable {
    auto best = larger(groups);
    for (auto& one : best) {
      if (answers == 0) one.reset();
      answers -= answers > 0;
    }
    return best;
  };
}

TEST(Sorts, PutTheBestFirst) {
  EXPECT_THAT(heap_sort(6, 0, 2, larger), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(heap_sort(6, 0, 3, larger), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(sliding_sort(6, 0, 2, larger), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(sliding_sort(6, 0, 4, larger), ElementsAre(5, 4, 3, 2, 1, 0));
}

TEST(Sorts, StopAtTheTopAndKeepTheRestAsItStood) {
  EXPECT_THAT(heap_sort(6, 2, 3, larger), ElementsAre(5, 4, 0, 1, 2, 3));
  EXPECT_THAT(sliding_sort(6, 1, 3, larger), ElementsAre(5, 0, 1, 2, 3, 4));
}

TEST(Sorts, HaveNothingToAskAboutOneOrNone) {
  const BestOf never = [](const std::vector<Candidates>&) -> std::vector<std::optional<std::size_t>> {
    ADD_FAILURE();
    return {};
  };
  EXPECT_THAT(heap_sort(1, 0, 2, never), ElementsAre(0));
  EXPECT_TRUE(heap_sort(0, 0, 2, never).empty());
  EXPECT_THAT(sliding_sort(1, 0, 2, never), ElementsAre(0));
  EXPECT_TRUE(sliding_sort(0, 0, 2, never).empty());
}

TEST(Sorts, GiveEveryCandidateOnceWhereverTheBudgetEnds) {
  for (std::size_t count = 2; count < 12; ++count) {
    for (std::size_t answers = 0; answers < 40; ++answers) {
      for (auto order : {heap_sort(count, 0, 3, larger_for(answers)), sliding_sort(count, 0, 3, larger_for(answers))}) {
        std::vector<std::size_t> all(count);
        std::iota(all.begin(), all.end(), std::size_t{0});
        std::ranges::sort(order);
        EXPECT_EQ(order, all) << count << " candidates, " << answers << " answers";
      }
    }
  }
  EXPECT_THAT(heap_sort(4, 0, 3, larger_for(0)), ElementsAre(0, 1, 2, 3)) << "nothing is known";
}

TEST(Borda, CountsThoseThatStandBehind) {
  EXPECT_THAT(borda_points({{2, 0, 1}, {0, 2, 1}}), ElementsAre(1 + 2, 0, 2 + 1));
  EXPECT_THAT(aggregate({{2, 0, 1}, {0, 2, 1}}, RankAggregation::borda), ElementsAre(0, 2, 1)) << "equal: 0 before 2";
}

/// Pairs in which an order contradicts the given ones.
std::size_t cost(const Order& order, const std::vector<Order>& orders) {
  std::size_t sum = 0;
  for (const Order& other : orders) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = i + 1; j < order.size(); ++j) {
        sum += std::ranges::find(other, order[i]) > std::ranges::find(other, order[j]);
      }
    }
  }
  return sum;
}

TEST(Kemeny, FollowsTheMajorityWhereBordaDoesNot) {
  // Three of five have 0 before 1 before 2; the other two think so highly of 1 that Borda has it first.
  const std::vector<Order> orders = {{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {1, 2, 0}, {1, 2, 0}};
  EXPECT_THAT(borda_points(orders), ElementsAre(6, 7, 2));
  EXPECT_THAT(aggregate(orders, RankAggregation::borda), ElementsAre(1, 0, 2));
  EXPECT_THAT(kemeny_order(orders), ElementsAre(0, 1, 2));
}

TEST(Kemeny, IsTheBestOfAllPermutations) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 30; ++round) {
    std::vector<Order> orders(3, Order{0, 1, 2, 3, 4, 5});
    for (Order& order : orders) std::ranges::shuffle(order, random);
    std::size_t least = 1000;
    Order any = {0, 1, 2, 3, 4, 5};
    do {
      least = std::min(least, cost(any, orders));
    } while (std::ranges::next_permutation(any).found);
    EXPECT_EQ(cost(kemeny_order(orders), orders), least);
  }
}

TEST(Kemeny, IsNoWorseThanBordaOnLongLists) {
  std::mt19937_64 random(6);
  std::vector<Order> orders(5, Order(30));
  for (Order& order : orders) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::shuffle(order, random);
  }
  const Order kemeny = kemeny_order(orders);
  EXPECT_LE(cost(kemeny, orders), cost(aggregate(orders, RankAggregation::borda), orders));
  EXPECT_EQ(std::set<std::size_t>(kemeny.begin(), kemeny.end()).size(), 30u);
}

TEST(Agreement, CountsPairsInOppositeOrders) {
  const Agreement agreement = compare_scores({{3, 2, 1}, {3, 1, 2}});
  EXPECT_EQ(agreement.compared, 3u);
  EXPECT_EQ(agreement.inconsistent, 1u);
  EXPECT_DOUBLE_EQ(agreement.share(), 2.0 / 3);
  EXPECT_EQ(compare_scores({{1, 1}, {1, 2}}).compared, 0u) << "a tie says nothing";
}

}  // namespace
}  // namespace dragoman::reranking
