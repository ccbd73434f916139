#include "dragoman/evaluate/significance.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;
using testing::ThrowsMessage;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Reciprocal ranks of two systems on 15 queries. The numbers of SciPy 1.17.1 below are about these:
// ttest_rel, permutation_test(permutation_type='samples', n_resamples=inf), bootstrap(method='BCa', 4,000,000
// resamples).
const std::vector<double> kBaseline = {0, 0.5, 1, 0.333, 0.25, 1, 0, 0.2, 0.5, 0.125, 0, 1, 0.5, 0, 0.333};
const std::vector<double> kSystem = {0.5, 0.5, 1, 1, 0.2, 1, 0.333, 0.25, 1, 0, 0.5, 1, 1, 0, 0.5};

TEST(ComparePaired, SumsUpWhoWonWhere) {
  const PairedComparison result = compare_paired(std::vector{0.5, 0.2, 1.0, 0.0}, std::vector{1.0, 0.2, 0.5, 0.3});
  EXPECT_EQ(result.queries, 4u);
  EXPECT_DOUBLE_EQ(result.baseline_mean, 1.7 / 4);
  EXPECT_DOUBLE_EQ(result.system_mean, 2.0 / 4);
  EXPECT_DOUBLE_EQ(result.difference, 0.3 / 4);
  EXPECT_EQ(result.wins, 2u);
  EXPECT_EQ(result.losses, 1u);
  EXPECT_EQ(result.ties, 1u);
}

TEST(ComparePaired, EqualsSciPy) {
  const PairedComparison result = compare_paired(kBaseline, kSystem);
  EXPECT_NEAR(result.difference, 0.20279999999999998, 1e-15);
  EXPECT_NEAR(result.p_t, 0.010388809093413064, 1e-14);
  EXPECT_NEAR(result.p_randomisation, 0.015625, 1e-15);
  EXPECT_NEAR(result.effect_size, 0.7636441638981957, 1e-14);
  // Ends of resampled intervals scatter: by about 0.003 with 10,000 resamples.
  EXPECT_THAT(result.interval.low, DoubleNear(0.08333333333333333, 0.006));
  EXPECT_THAT(result.interval.high, DoubleNear(0.3439333333333333, 0.006));
}

TEST(ComparePaired, EqualsSciPyFarOutInTheTail) {
  std::vector<double> baseline, system;
  for (int i = 0; i < 300; ++i) {
    baseline.push_back(i * 37 % 101 / 101.0);
    system.push_back(std::min(1.0, baseline.back() + i % 3 * 0.02));
  }
  EXPECT_NEAR(compare_paired(baseline, system).p_t / 5.690013659832196e-61, 1, 1e-9);
}

// All of 2^3 flips of 1, 1, 1: the means are 1, 1/3 three times, -1/3 three times, -1.
TEST(ComparePaired, CountsAllFlipsOfFewDifferences) {
  const std::vector<double> nothing = {0, 0, 0};
  EXPECT_EQ(compare_paired(nothing, std::vector{1.0, 1.0, 1.0}).p_randomisation, 2.0 / 8);
  EXPECT_EQ(compare_paired(nothing, std::vector{1.0, 1.0, 0.0}).p_randomisation, 2.0 / 4);
  EXPECT_EQ(compare_paired(nothing, std::vector{1.0, -1.0, 1.0}).p_randomisation, 1);
}

// In binary 0.1 + 0.2 is not 0.3: these two flips reach the same mean all the same.
TEST(ComparePaired, CountsFlipsThatReachAsFarBeforeRounding) {
  const std::vector<double> nothing = {0, 0, 0};
  EXPECT_EQ(compare_paired(nothing, std::vector{0.1, 0.2, -0.3}).p_randomisation, 1);
  EXPECT_EQ(compare_paired(nothing, std::vector{0.1, 0.2, 0.3}).p_randomisation, 2.0 / 8);
}

TEST(ComparePaired, SamplesFlipsOfManyDifferences) {
  // 15 differences have 32,768 flips: 100,000 are enough to try each, 10,000 are not.
  std::vector<double> system = kSystem;
  for (std::size_t i = 0; i < system.size(); ++i) system[i] += 0.001 * static_cast<double>(i + 1);
  const double exact = compare_paired(kBaseline, system, {.flips = 100'000}).p_randomisation;
  EXPECT_NEAR(compare_paired(kBaseline, system).p_randomisation, exact, 4 * std::sqrt(exact / 10'000));
}

TEST(ComparePaired, NeverClaimsThatAChanceIsNothing) {
  const std::vector<double> baseline(100), system(100, 0.5);
  EXPECT_EQ(compare_paired(baseline, system, {.flips = 999}).p_randomisation, 1.0 / 1000);
}

TEST(ComparePaired, FindsNothingBetweenASystemAndItself) {
  const PairedComparison result = compare_paired(kSystem, kSystem);
  EXPECT_EQ(result.difference, 0);
  EXPECT_EQ(result.interval.low, 0);
  EXPECT_EQ(result.interval.high, 0);
  EXPECT_EQ(result.p_t, 1);
  EXPECT_EQ(result.p_randomisation, 1);
  EXPECT_EQ(result.effect_size, 0);
  EXPECT_EQ(result.ties, kSystem.size());
}

TEST(ComparePaired, TakesRoundingForNoDifference) {
  const PairedComparison result = compare_paired(std::vector{0.1 + 0.2, 0.5}, std::vector{0.3, 0.5});
  EXPECT_EQ(result.ties, 2u);
  EXPECT_EQ(result.p_randomisation, 1);
}

TEST(ComparePaired, SaysWhatOneQueryCannotTell) {
  const PairedComparison result = compare_paired(std::vector{0.0}, std::vector{1.0});
  EXPECT_THAT(result.interval.low, IsNan());
  EXPECT_THAT(result.p_t, IsNan());
  EXPECT_THAT(result.effect_size, IsNan());
  EXPECT_EQ(result.p_randomisation, 1);
}

TEST(ComparePaired, CallsEqualDifferencesInfinitelyLarge) {
  const PairedComparison result = compare_paired(std::vector{0.5, 0.25, 0.0}, std::vector{0.75, 0.5, 0.25});
  EXPECT_EQ(result.effect_size, std::numeric_limits<double>::infinity());
  EXPECT_EQ(result.p_t, 0);
}

TEST(ComparePaired, TurnsRoundWithItsSides) {
  const PairedComparison there = compare_paired(kBaseline, kSystem), back = compare_paired(kSystem, kBaseline);
  EXPECT_EQ(back.difference, -there.difference);
  EXPECT_EQ(back.p_t, there.p_t);
  EXPECT_EQ(back.p_randomisation, there.p_randomisation);
  EXPECT_EQ(back.wins, there.losses);
  EXPECT_DOUBLE_EQ(back.interval.low, -there.interval.high);
}

// 500 comparisons of two systems that are the same but for chance: as many p-values below a level as it says.
TEST(ComparePaired, GivesUniformPValuesWhereThereIsNoDifference) {
  Random random(3);
  const auto value = [&] { return std::pow(random.below(1000) / 1000.0, 2); };
  std::vector<double> p_t, p_randomisation;
  for (int i = 0; i < 500; ++i) {
    std::vector<double> baseline(25), system(25);
    std::ranges::generate(baseline, value);
    std::ranges::generate(system, value);
    const PairedComparison result =
        compare_paired(baseline, system, {.seed = random.bits(), .resamples = 100, .flips = 400});
    p_t.push_back(result.p_t);
    p_randomisation.push_back(result.p_randomisation);
  }
  for (const auto& p_values : {p_t, p_randomisation}) {
    for (const double level : {0.05, 0.1, 0.25, 0.5, 0.75, 0.9}) {
      const auto below = static_cast<double>(std::ranges::count_if(p_values, [&](double p) { return p <= level; }));
      EXPECT_NEAR(below / 500, level, 4 * std::sqrt(level * (1 - level) / 500)) << level;
    }
  }
}

TEST(BootstrapMean, EqualsSciPy) {
  const Interval interval = bootstrap_mean(kBaseline);
  EXPECT_THAT(interval.low, DoubleNear(0.2238666666666667, 0.008));
  EXPECT_THAT(interval.high, DoubleNear(0.5877333333333333, 0.008));
}

// Squares of uniform numbers, the mean of which is 1/3: skewed, as effectiveness is.
TEST(BootstrapMean, HoldsTheMeanAsOftenAsItSays) {
  Random random(11);
  int holds = 0;
  double width = 0;
  for (int i = 0; i < 500; ++i) {
    std::vector<double> values(60);
    std::ranges::generate(values, [&] { return std::pow((random.below(100'000) + 0.5) / 100'000, 2); });
    const auto [low, high] = bootstrap_mean(values, {.seed = random.bits(), .resamples = 1000});
    holds += low <= 1.0 / 3 && 1.0 / 3 <= high;
    width += (high - low) / 500;
  }
  EXPECT_NEAR(holds / 500.0, 0.95, 0.03);
  EXPECT_NEAR(width, 2 * 1.96 * std::sqrt(1.0 / 5 - 1.0 / 9) / std::sqrt(60), 0.01);  // as for a normal mean
}

TEST(BootstrapMean, IsWiderForMoreConfidence) {
  const Interval less = bootstrap_mean(kSystem, {.confidence = 0.8}), more = bootstrap_mean(kSystem);
  EXPECT_LT(more.low, less.low);
  EXPECT_GT(more.high, less.high);
}

TEST(BootstrapMean, LeansToTheSideOfTheTail) {
  // Nine misses and one hit: the mean may well be higher, but hardly lower than it is.
  const auto [low, high] = bootstrap_mean(std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  EXPECT_GT(high - 0.1, 2 * (0.1 - low));
}

TEST(BootstrapMean, GivesTheSameForTheSameSeed) {
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) values.push_back(std::sqrt(i));
  const Interval once = bootstrap_mean(values, {.seed = 5}), again = bootstrap_mean(values, {.seed = 5});
  EXPECT_EQ(once.low, again.low);
  EXPECT_EQ(once.high, again.high);
  EXPECT_NE(once.low, bootstrap_mean(values, {.seed = 6}).low);
}

TEST(BootstrapMean, HasNoWidthForEqualValuesAndNoIntervalForOne) {
  EXPECT_EQ(bootstrap_mean(std::vector{0.1, 0.1, 0.1}).low, 0.1);
  EXPECT_EQ(bootstrap_mean(std::vector{0.1, 0.1, 0.1}).high, 0.1);
  EXPECT_THAT(bootstrap_mean(std::vector{0.1}).low, IsNan());
  EXPECT_THAT(bootstrap_mean({}).high, IsNan());
}

// Ordered: 0.01 * 4, 0.02 * 3, 0.03 * 2 (which would be as low as the one before), 0.04.
TEST(HolmBonferroni, MultipliesByHowManyAreLeft) {
  EXPECT_THAT(
      holm_bonferroni(std::vector{0.04, 0.01, 0.03, 0.02}),
      ElementsAre(DoubleNear(0.06, 1e-15), DoubleNear(0.04, 1e-15), DoubleNear(0.06, 1e-15), DoubleNear(0.06, 1e-15)));
}

TEST(HolmBonferroni, EndsAtOneAndPassesOverNothing) {
  EXPECT_THAT(holm_bonferroni(std::vector{0.5, kNan, 0.9}), ElementsAre(1, IsNan(), 1));
  EXPECT_THAT(holm_bonferroni({}), ElementsAre());
  EXPECT_THAT(holm_bonferroni(std::vector{0.03}), ElementsAre(0.03));
}

TEST(FlipsFor, LetsTheLowestOfManyPValuesComeBelowTheLevel) {
  EXPECT_EQ(flips_for(1), 10'000u);
  EXPECT_EQ(flips_for(720), 57'600u);
  EXPECT_LT(720 * (1.0 / (57'600 + 1)), 0.05 / 3);
}

TEST(Verdict, RestsOnTheAdjustedChanceAndTheSign) {
  PairedComparison comparison;
  comparison.difference = 0.1;
  EXPECT_EQ(verdict(comparison, 0.049), Verdict::better);
  EXPECT_EQ(verdict(comparison, 0.05), Verdict::not_distinguishable);
  EXPECT_EQ(verdict(comparison, 0.04, 0.01), Verdict::not_distinguishable);
  EXPECT_EQ(verdict(comparison, kNan), Verdict::not_distinguishable);
  comparison.difference = -0.1;
  EXPECT_EQ(verdict(comparison, 0.001), Verdict::worse);
}

PairedComparison example() {
  PairedComparison comparison;
  comparison.queries = 62;
  comparison.baseline_mean = 0.0871;
  comparison.system_mean = 0.0895;
  comparison.difference = 0.0024;
  comparison.interval = {-0.0052, 0.0102};
  comparison.confidence = 0.95;
  return comparison;
}

TEST(Describe, SaysWhatCannotBeToldAndWhatCouldHaveBeen) {
  EXPECT_EQ(describe(example(), 0.73, {"bm25", "bm25-en", "AP"}),
            "bm25 is not distinguishable from bm25-en in AP: 0.0895 against 0.0871, +0.0024 (95% interval -0.0052 to "
            "+0.0102, adjusted p 0.73) over 62 queries; a difference below 0.0077 would not show.");
}

// 2.81 standard errors are needed for one of ten comparisons where 1.96 would do for a single one.
TEST(Describe, KnowsThatManyComparisonsNeedLargerDifferences) {
  EXPECT_THAT(describe(example(), 0.73, {"bm25", "bm25-en", "AP"}, 0.05, 10),
              testing::EndsWith("; a difference below 0.0110 would not show."));
}

TEST(Describe, SaysWhatIsBetterOrWorse) {
  PairedComparison comparison = example();
  EXPECT_EQ(describe(comparison, 0.00001, {"dense", "bm25", "nDCG@10", "sw"}),
            "dense is better than bm25 in nDCG@10: 0.0895 against 0.0871, +0.0024 (95% interval -0.0052 to +0.0102, "
            "adjusted p below 0.0001) over 62 sw queries.");
  comparison.difference = -0.5;
  comparison.queries = 1;
  comparison.interval = {kNan, kNan};
  EXPECT_EQ(describe(comparison, 0.01, {"dense", "bm25", "RR"}),
            "dense is worse than bm25 in RR: 0.0895 against 0.0871, -0.5000 (adjusted p 0.01) over 1 query.");
}

TEST(Significance, RefusesWhatItCannotCompute) {
  const std::vector<double> one = {0.5}, two = {0.5, 0.5}, odd = {0.5, kNan};
  EXPECT_THAT(
      [&] { compare_paired(one, two); },
      ThrowsMessage<InvalidArgument>("compare_paired: the baseline has 1 values, the system 2; expected one a query"));
  EXPECT_THAT([] { compare_paired({}, {}); },
              ThrowsMessage<InvalidArgument>("compare_paired: there is no query to compare on"));
  EXPECT_THAT([&] { bootstrap_mean(odd); },
              ThrowsMessage<InvalidArgument>("value 2 of 2 is nan, expected finite numbers"));
  EXPECT_THAT([&] { bootstrap_mean(two, {.resamples = 10}); },
              ThrowsMessage<InvalidArgument>("resamples is 10, expected at least 100"));
  EXPECT_THAT([&] { compare_paired(two, two, {.flips = 10}); },
              ThrowsMessage<InvalidArgument>("flips is 10, expected at least 100"));
  EXPECT_THAT([&] { bootstrap_mean(two, {.confidence = 95}); },
              ThrowsMessage<InvalidArgument>("confidence is 95, expected a number between 0 and 1"));
  EXPECT_THAT(
      [] {
        holm_bonferroni(std::vector{0.5, 1.5});
      },
      ThrowsMessage<InvalidArgument>("p-value 2 is 1.5, expected a number from 0 to 1"));
}

}  // namespace
}  // namespace dragoman
