#include "dragoman/evaluate/comparison.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// One measure, queries "q00", "q01", ...
EvaluationGroup group(std::string label, const std::vector<double>& values, int first = 0) {
  EvaluationGroup result{std::move(label), {}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    result.queries.push_back({fmt::format("q{:02}", first + static_cast<int>(i)), {values[i]}});
  }
  return result;
}

const std::vector<std::string> kMeasures = {"RR"};
const std::vector<double> kLow(10, 0.25), kHigh(10, 0.75);

std::vector<std::string> lines(const std::vector<SystemComparison>& comparisons) {
  std::vector<std::string> result;
  for (const auto& c : comparisons) {
    result.push_back(fmt::format("{} {} {} {} {:+.2f} {:.4f} {}", c.system, c.group, c.measure, c.paired.queries,
                                 c.paired.difference, c.p_adjusted, to_string(c.verdict)));
  }
  return result;
}

// Ten queries that all got better: 2 of 2^10 flips of signs are as far from 0, 0.0020. Two such comparisons: 0.0039.
TEST(CompareSystems, AdjustsOverAllItWasAskedFor) {
  const SystemValues bm25 = {"bm25", {group("all", kLow)}};
  const std::vector<SystemValues> one = {{"dense", {group("all", kHigh)}}};
  const std::vector<SystemValues> two = {{"dense", {group("all", kHigh)}}, {"hybrid", {group("all", kHigh)}}};
  EXPECT_THAT(lines(compare_systems(bm25, one, kMeasures)), ElementsAre("dense all RR 10 +0.50 0.0020 better"));
  EXPECT_THAT(lines(compare_systems(bm25, two, kMeasures)),
              ElementsAre("dense all RR 10 +0.50 0.0039 better", "hybrid all RR 10 +0.50 0.0039 better"));
}

TEST(CompareSystems, ComparesGroupsThatBothHave) {
  const SystemValues bm25 = {"bm25", {group("all", kHigh), group("query_language:sw", kHigh)}};
  const std::vector<SystemValues> dense = {
      {"dense", {group("all", kLow), group("query_language:hi", kLow), group("query_language:sw", kHigh)}}};
  const auto comparisons = compare_systems(bm25, dense, kMeasures);
  EXPECT_THAT(lines(comparisons), ElementsAre("dense all RR 10 -0.50 0.0039 worse",
                                              "dense query_language:sw RR 10 +0.00 1.0000 not_distinguishable"));
  EXPECT_THAT(comparisons[0].sentence, HasSubstr("dense is worse than bm25 in RR: 0.2500 against 0.7500"));
  EXPECT_THAT(comparisons[1].sentence, HasSubstr("over 10 sw queries"));
}

TEST(CompareSystems, ComparesOverTheQueriesThatBothHave) {
  const SystemValues bm25 = {"bm25", {group("all", {0.1, 0.2, 0.3, 0.4})}};           // q00 to q03
  const std::vector<SystemValues> dense = {{"dense", {group("all", {0.5, 0.5}, 2)}},  // q02, q03
                                           {"other", {group("all", {0.5}, 9)}}};
  EXPECT_THAT(lines(compare_systems(bm25, dense, kMeasures)),
              ElementsAre("dense all RR 2 +0.15 0.5000 not_distinguishable"));
}

TEST(CompareSystems, GivesTheSameAtAnyNumberOfThreads) {
  SystemValues bm25 = {"bm25", {}};
  std::vector<SystemValues> systems = {{"dense", {}}};
  for (int i = 0; i < 20; ++i) {
    std::vector<double> low, high;
    for (int query = 0; query < 30; ++query) {
      low.push_back((query * 7 + i) % 11 / 11.0);
      high.push_back((query * 5 + i) % 13 / 12.0);
    }
    bm25.groups.push_back(group(fmt::format("group:{}", i), low));
    systems[0].groups.push_back(group(fmt::format("group:{}", i), high));
  }
  const ComparisonOptions one = {.threads = 1}, four = {.threads = 4};
  EXPECT_EQ(lines(compare_systems(bm25, systems, kMeasures, one)),
            lines(compare_systems(bm25, systems, kMeasures, four)));
}

// 20 queries that all got better, in 600 groups: 10,000 flips could not tell that from chance 600 times.
TEST(CompareSystems, FindsInManyPlacesWhatIsThere) {
  SystemValues bm25 = {"bm25", {}};
  std::vector<SystemValues> systems = {{"dense", {}}};
  for (int i = 0; i < 600; ++i) {
    bm25.groups.push_back(group(fmt::format("pair:{}", i), std::vector<double>(20, 0.25)));
    systems[0].groups.push_back(group(fmt::format("pair:{}", i), std::vector<double>(20, 0.75)));
  }
  for (const auto& comparison : compare_systems(bm25, systems, kMeasures, {.resampling = {.resamples = 100}})) {
    ASSERT_EQ(comparison.verdict, Verdict::better) << comparison.group;
  }
}

TEST(CompareSystems, RefusesAnImpossibleLevel) {
  EXPECT_THAT([] { compare_systems({}, {}, kMeasures, {.alpha = 5}); },
              ThrowsMessage<InvalidArgument>("alpha is 5, expected a number between 0 and 1"));
}

}  // namespace
}  // namespace dragoman
