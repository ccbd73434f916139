#include "dragoman/evaluate/leaderboard.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

SystemResult result(std::string system, std::string collection, MeasureValues values) {
  SystemResult made;
  made.system = std::move(system);
  made.collection = std::move(collection);
  made.main_measure = "nDCG@10";
  made.values = std::move(values);
  return made;
}

/// "1 dense [0.5, nan] nan 2": rank, system, values, mean, points.
std::vector<std::string> lines(const LeaderboardTable& table) {
  std::vector<std::string> result;
  for (const auto& [rank, system, values, mean, borda] : table.rows) {
    result.push_back(fmt::format("{} {} [{}] {:g} {:g}", rank, system, fmt::join(values, ", "), mean, borda));
  }
  return result;
}

TEST(Leaderboard, RanksByPointsOnEachCollectionAndNotByTheMean) {
  // BM25 has the best mean thanks to one collection; dense is ahead on the two others.
  const std::vector<SystemResult> results = {
      result("bm25", "afriqa", {{"nDCG@10", 0.125}}), result("dense", "afriqa", {{"nDCG@10", 0.25}}),
      result("bm25", "xquad", {{"nDCG@10", 0.25}}),   result("dense", "xquad", {{"nDCG@10", 0.5}}),
      result("bm25", "names", {{"nDCG@10", 1}}),      result("dense", "names", {{"nDCG@10", 0.5}})};
  const auto tables = make_leaderboard(results);
  ASSERT_EQ(tables.size(), 1u);
  EXPECT_EQ(tables[0].measure, "nDCG@10");
  EXPECT_THAT(tables[0].collections, ElementsAre("afriqa", "xquad", "names"));
  EXPECT_THAT(lines(tables[0]),
              ElementsAre("1 dense [0.25, 0.5, 0.5] 0.416667 2", "2 bm25 [0.125, 0.25, 1] 0.458333 1"));
}

TEST(Leaderboard, SharesPointsAndRanksAmongEquals) {
  const std::vector<SystemResult> results = {result("b", "xquad", {{"nDCG@10", 0.5}}),
                                             result("a", "xquad", {{"nDCG@10", 0.5}}),
                                             result("c", "xquad", {{"nDCG@10", 0.25}})};
  EXPECT_THAT(lines(make_leaderboard(results)[0]),
              ElementsAre("1 a [0.5] 0.5 1.5", "1 b [0.5] 0.5 1.5", "3 c [0.25] 0.25 0"));
}

TEST(Leaderboard, GivesNoPointsAndNoMeanWhereAValueIsMissing) {
  const std::vector<SystemResult> results = {result("dense", "xquad", {{"nDCG@10", 0.5}}),
                                             result("dense", "afriqa", {{"nDCG@10", 0.5}}),
                                             result("bm25", "xquad", {{"nDCG@10", 0.75}})};
  EXPECT_THAT(lines(make_leaderboard(results)[0]), ElementsAre("1 bm25 [0.75, nan] nan 1", "1 dense [0.5, 0.5] 0.5 1"));
}

TEST(Leaderboard, MakesATableForEachMeasureAskedFor) {
  const std::vector<SystemResult> results = {result("dense", "xquad", {{"nDCG@10", 0.5}, {"R@100", 0.75}})};
  const auto tables = make_leaderboard(results, std::vector<std::string>{"R@100", "nDCG@10"});
  EXPECT_THAT(lines(tables.at(0)), ElementsAre("1 dense [0.75] 0.75 0"));
  EXPECT_THAT(lines(tables.at(1)), ElementsAre("1 dense [0.5] 0.5 0"));
}

TEST(Leaderboard, RefusesWhatItCannotRank) {
  const std::vector<SystemResult> results = {result("dense", "xquad", {{"nDCG@10", 0.5}}),
                                             result("dense", "xquad", {{"nDCG@10", 0.25}})};
  EXPECT_THAT([&] { make_leaderboard(results); },
              ThrowsMessage<InvalidArgument>(
                  "dense has two values of nDCG@10 on xquad, 0.5 and 0.25; leave one of the files out"));
  EXPECT_THAT([&] { make_leaderboard(results, std::vector<std::string>{"RR"}); },
              ThrowsMessage<InvalidArgument>("no result has the measure RR"));
}

}  // namespace
}  // namespace dragoman
