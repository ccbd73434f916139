#include "dragoman/evaluate/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

const std::vector<Measure> kMeasures = {parse_measure("RR"), parse_measure("P@2")};

// Three judged queries: found at rank 1, found at rank 2, not in the run. "q9" is in the run but was never judged.
const Judgements kJudgements = {{"q1", {{"a", 1}}}, {"q2", {{"a", 0}, {"文", 1}}}, {"q3", {{"a", 1}}}};
const Run kRun = {{"q1", {{"a", 2}, {"b", 1}}}, {"q2", {{"a", 2}, {"文", 1}}}, {"q9", {{"a", 1}}}};

TEST(Evaluate, CountsAJudgedQueryThatTheRunLacksAsZero) {
  const EvaluationRow all = evaluate(kJudgements, kRun, kMeasures).all;
  EXPECT_EQ(all.label, "all");
  EXPECT_EQ(all.queries, 3u);
  EXPECT_THAT(all.values, ElementsAre((1 + 0.5 + 0) / 3, (0.5 + 0.5 + 0) / 3));
}

TEST(Evaluate, LeavesItOutOnRequest) {
  const EvaluationRow all = evaluate(kJudgements, kRun, kMeasures, {QuerySet::judged_and_retrieved}).all;
  EXPECT_EQ(all.queries, 2u);
  EXPECT_THAT(all.values, ElementsAre((1 + 0.5) / 2, (0.5 + 0.5) / 2));
}

TEST(Evaluate, GivesTheValuesOfEachQuery) {
  const Evaluation evaluation = evaluate(kJudgements, kRun, kMeasures);
  EXPECT_THAT(evaluation.measures, ElementsAre("RR", "P@2"));
  ASSERT_EQ(evaluation.queries.size(), 3u);
  EXPECT_EQ(evaluation.queries[1].query_id, "q2");
  EXPECT_THAT(evaluation.queries[1].values, ElementsAre(0.5, 0.5));
}

TEST(Evaluate, TakesEqualScoresInTheOrderTheyHave) {
  const dragoman::Run run = {{"q1", {{"b", 1}, {"a", 1}}}};
  EXPECT_THAT(evaluate({{"q1", {{"a", 1}}}}, run, kMeasures).all.values, ElementsAre(0.5, 0.5));
}

TEST(Evaluate, AnEmptyRunIsWorthNothing) {
  EXPECT_THAT(evaluate(kJudgements, {}, kMeasures).all.values, ElementsAre(0, 0));
}

TEST(Evaluate, RefusesARunOfOtherQueries) {
  EXPECT_THAT(
      [] {
        evaluate(kJudgements, {{"Q1", {{"a", 1}}}}, kMeasures);
      },
      ThrowsMessage<InvalidArgument>(
          "evaluate: no query of the run is judged; the run begins with \"Q1\", the judgements with \"q1\""));
}

TEST(Evaluate, RefusesToAverageOverNothing) {
  EXPECT_THAT([] { evaluate({}, kRun, kMeasures); },
              ThrowsMessage<InvalidArgument>("evaluate: there are no judgements"));
  EXPECT_THAT([] { evaluate(kJudgements, {}, kMeasures, {QuerySet::judged_and_retrieved}); },
              ThrowsMessage<InvalidArgument>("evaluate: the run is empty, and only retrieved queries were to count"));
}

TEST(Evaluate, RefusesAJudgedDocumentRankedTwice) {
  EXPECT_THAT(
      [] {
        evaluate(kJudgements, {{"q2", {{"文", 3}, {"b", 2}, {"文", 1}}}}, kMeasures);
      },
      ThrowsMessage<InvalidArgument>("evaluate: document \"文\" is ranked twice for query \"q2\""));
}

}  // namespace
}  // namespace dragoman
