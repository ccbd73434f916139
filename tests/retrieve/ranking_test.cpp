#include "dragoman/retrieve/ranking.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

namespace dragoman {
namespace {

using testing::ElementsAre;

std::vector<std::string> sorted_ids(Ranking ranking) {
  sort_ranking(ranking);
  std::vector<std::string> ids;
  for (const Hit& hit : ranking) ids.push_back(hit.id);
  return ids;
}

TEST(SortRanking, PutsHigherScoresFirst) {
  EXPECT_THAT(sorted_ids({{"a", -1}, {"b", 2}, {"c", 0.5f}}), ElementsAre("b", "c", "a"));
}

TEST(SortRanking, OrdersEqualScoresByTheBytesOfTheId) {
  EXPECT_THAT(sorted_ids({{"д", 1}, {"d10", 1}, {"茶", 1}, {"d9", 1}, {"Z", 1}}),
              ElementsAre("Z", "d10", "d9", "д", "茶"));
}

TEST(SortRanking, TakesBothZerosForEqual) {
  EXPECT_THAT(sorted_ids({{"b", 0.0f}, {"a", -0.0f}}), ElementsAre("a", "b"));
}

TEST(SortRanking, PutsWhatIsNoNumberLast) {
  EXPECT_THAT(sorted_ids({{"a", std::nanf("")}, {"b", -INFINITY}, {"c", 1}}), ElementsAre("c", "b", "a"));
}

}  // namespace
}  // namespace dragoman
