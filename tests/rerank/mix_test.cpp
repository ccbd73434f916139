#include "dragoman/rerank/mix.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "rerank/rerank_support.h"

namespace dragoman {
namespace {

using test::candidates;
using test::FakeLanguageModel;
using test::order;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

using Scores = std::vector<double>;

// Five candidates of which the first is far ahead, as a good first stage has them.
const Scores kFirst = {10, 4, 3, 2, 1};

TEST(FirstStageShare, IsWholeWhereTheMethodContradicts) {
  EXPECT_EQ(first_stage_share(kFirst, Scores{1, 2, 3, 4, 10}), 1);
  EXPECT_EQ(first_stage_share(kFirst, Scores{7, 7, 7, 7, 7}), 1) << "no preference is no agreement";
}

TEST(FirstStageShare, FallsAsTheMethodAgreesButNeverBelowOneHalf) {
  const double same = first_stage_share(kFirst, kFirst);
  const double alike = first_stage_share(kFirst, Scores{8, 6, 1, 2, 3});
  const double hardly = first_stage_share(kFirst, Scores{3, 1, 4, 1, 2});
  EXPECT_EQ(same, 0.5);
  EXPECT_LT(alike, hardly);
  EXPECT_LT(hardly, 1);
  EXPECT_GT(alike, 0.5);
}

TEST(FirstStageShare, FollowsItsFormula) {
  // Both standardised, the correlation of (1, 0, -1) and (1, -1, 0) is 1/2.
  const double s2 = kFirstStageReliability * kFirstStageReliability;
  EXPECT_NEAR(first_stage_share(Scores{1, 0, -1}, Scores{1, -1, 0}), 1 / (1 + 0.5 * (1 - s2) / (s2 - 0.25)), 1e-12);
}

TEST(FirstStageShare, TrustsAnInconsistentMethodLess) {
  const Scores method = {8, 6, 1, 2, 3};
  EXPECT_GT(first_stage_share(kFirst, method, 0.5), first_stage_share(kFirst, method, 1));
  EXPECT_EQ(first_stage_share(kFirst, method, 0), 1);
}

TEST(FirstStageShare, IsNothingWhereTheFirstStageHasNoPreference) {
  EXPECT_EQ(first_stage_share(Scores{2, 2, 2}, Scores{1, 2, 3}), 0);
}

TEST(FirstStageShare, TellsNothingFromTwoCandidates) { EXPECT_EQ(first_stage_share(Scores{2, 1}, Scores{2, 1}), 1); }

TEST(MixScores, AddsStandardisedScores) {
  // Mean 0 and deviation 1 of both: (1, -1) and (-1, 1).
  EXPECT_THAT(mix_scores(Scores{30, 10}, Scores{0, 8}, 0.75), Pointwise(DoubleNear(1e-12), Scores{0.5, -0.5}));
  EXPECT_THAT(mix_scores(Scores{30, 10}, Scores{0, 8}, 0), Pointwise(DoubleNear(1e-12), Scores{-1, 1}));
}

TEST(MixScores, TakesWhatAnEndpointCannotNameAsAStepBelow) {
  const double unknown = -std::numeric_limits<double>::infinity();
  const auto mixed = mix_scores(Scores{1, 1, 1}, Scores{0, unknown, unknown}, 0.5);
  EXPECT_GT(mixed[0], mixed[1]);
  EXPECT_EQ(mixed[1], mixed[2]);
}

/// Candidates with the first stage's scores.
std::vector<Candidate> scored(const std::vector<int>& worths, const std::vector<float>& scores) {
  auto list = candidates(worths);
  for (std::size_t i = 0; i < list.size(); ++i) list[i].score = scores[i];
  return list;
}

RerankOptions pointwise() {
  RerankOptions options;
  options.method = RerankMethod::pointwise;
  return options;
}

TEST(Mix, IsTheMethodAloneWhereNothingIsLeftToTheFirstStage) {
  RerankOptions options = pointwise();
  options.mix = 0;
  const auto result =
      test::rerank(options, std::make_shared<FakeLanguageModel>(test::planted_pointwise), scored({1, 2, 3}, {9, 5, 1}));
  EXPECT_THAT(order(result), ElementsAre(2, 1, 0));
  EXPECT_EQ(result.mix, 0);
  EXPECT_EQ(result.order.front().score, 3) << "log p(yes) - log p(no), as planted";
}

TEST(Mix, KeepsTheFirstStageFromAModelThatTurnsItRound) {
  const auto result = test::rerank(pointwise(), std::make_shared<FakeLanguageModel>(test::planted_pointwise),
                                   scored({1, 2, 3, 4}, {9, 5, 3, 1}));
  EXPECT_THAT(order(result), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(result.mix, 1);
}

TEST(Mix, LetsAModelThatAgreesDecideWhatTheFirstStageCannot) {
  const auto result = test::rerank(pointwise(), std::make_shared<FakeLanguageModel>(test::planted_pointwise),
                                   scored({9, 2, 7, 1}, {9, 5.01f, 5, 1}));
  EXPECT_THAT(order(result), ElementsAre(0, 2, 1, 3));
}

TEST(Mix, LeavesCandidatesBelowTheDepthBelow) {
  RerankOptions options = pointwise();
  options.depth = 3;
  const auto result = test::rerank(options, std::make_shared<FakeLanguageModel>(test::planted_pointwise),
                                   scored({3, 2, 1, 9, 8}, {9, 5, 4, 3, 2}));
  EXPECT_THAT(order(result), ElementsAre(0, 1, 2, 3, 4));
  for (std::size_t i = 1; i < result.order.size(); ++i) {
    EXPECT_LT(result.order[i].score, result.order[i - 1].score);
  }
}

}  // namespace
}  // namespace dragoman
