#include "dragoman/evaluate/measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ThrowsMessage;

constexpr int kUnjudged = GradedRanking::kUnjudged;

double value(std::string_view measure, const GradedRanking& ranking) { return parse_measure(measure).compute(ranking); }

// Found at ranks 2 (grade 1) and 4 (grade 2); one more relevant document (grade 1) was not retrieved.
const GradedRanking kExample = {{0, 1, kUnjudged, 2, -1}, {2, 1, 1, 0, -1}};
const GradedRanking kNothingRetrieved = {{}, {1}};
const GradedRanking kNothingRelevant = {{0, -2}, {0, -2}};

TEST(Measures, NdcgDiscountsGradesByTheLogarithmOfTheRank) {
  const double gained = 1 / std::log2(3) + 2 / std::log2(5), ideal = 2 + 1 / std::log2(3) + 1 / std::log2(4);
  EXPECT_DOUBLE_EQ(value("nDCG", kExample), gained / ideal);
}

TEST(Measures, NdcgCutsTheRankingAndTheIdealAlike) {
  EXPECT_DOUBLE_EQ(value("nDCG@2", kExample), (1 / std::log2(3)) / (2 + 1 / std::log2(3)));
}

TEST(Measures, NdcgTakesNegativeGradesForZero) {
  EXPECT_DOUBLE_EQ(value("nDCG@10", {{-1, 1}, {1, -1}}), 1 / std::log2(3));
}

TEST(Measures, AveragePrecisionCountsRelevantDocumentsThatWereMissed) {
  EXPECT_DOUBLE_EQ(value("AP", kExample), (1.0 / 2 + 2.0 / 4) / 3);
}

TEST(Measures, AveragePrecisionWithACutoffStillDividesByAllRelevant) {
  EXPECT_DOUBLE_EQ(value("AP@3", kExample), (1.0 / 2) / 3);
}

TEST(Measures, ReciprocalRankIsThatOfTheFirstRelevant) { EXPECT_DOUBLE_EQ(value("RR", kExample), 1.0 / 2); }

TEST(Measures, ReciprocalRankSeesNothingBehindTheCutoff) { EXPECT_EQ(value("RR@1", kExample), 0); }

TEST(Measures, RecallDividesByTheRelevant) {
  EXPECT_DOUBLE_EQ(value("R@3", kExample), 1.0 / 3);
  EXPECT_DOUBLE_EQ(value("R@100", kExample), 2.0 / 3);
}

TEST(Measures, PrecisionDividesByTheCutoffEvenIfFewerWereRetrieved) {
  EXPECT_DOUBLE_EQ(value("P@4", kExample), 2.0 / 4);
  EXPECT_DOUBLE_EQ(value("P@10", kExample), 2.0 / 10);
}

TEST(Measures, SuccessAsksForOneRelevantDocument) {
  EXPECT_EQ(value("Success@1", kExample), 0);
  EXPECT_EQ(value("Success@2", kExample), 1);
}

TEST(Measures, RelSetsTheLowestRelevantGrade) {
  EXPECT_DOUBLE_EQ(value("AP(rel=2)", kExample), 1.0 / 4);
  EXPECT_DOUBLE_EQ(value("RR(rel=2)@10", kExample), 1.0 / 4);
  EXPECT_DOUBLE_EQ(value("R(rel=2)@5", kExample), 1);
  EXPECT_DOUBLE_EQ(value("P(rel=2)@5", kExample), 1.0 / 5);
  EXPECT_DOUBLE_EQ(value("Success(rel=2)@3", kExample), 0);
}

class EveryMeasure : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Measures, EveryMeasure,
                         testing::Values("nDCG", "nDCG@10", "AP", "AP@10", "RR", "RR@10", "R@10", "P@10",
                                         "Success@10"));

TEST_P(EveryMeasure, IsZeroIfNothingWasRetrieved) { EXPECT_EQ(value(GetParam(), kNothingRetrieved), 0); }
TEST_P(EveryMeasure, IsZeroIfNothingIsRelevant) { EXPECT_EQ(value(GetParam(), kNothingRelevant), 0); }
TEST_P(EveryMeasure, KeepsItsName) { EXPECT_EQ(parse_measure(GetParam()).name, GetParam()); }

TEST(ParseMeasure, TakesTrecEvalsSpellings) {
  EXPECT_EQ(parse_measure("ndcg").name, "nDCG");
  EXPECT_EQ(parse_measure("ndcg_cut_10").name, "nDCG@10");
  EXPECT_EQ(parse_measure("ndcg_cut.10").name, "nDCG@10");
  EXPECT_EQ(parse_measure("map").name, "AP");
  EXPECT_EQ(parse_measure("map_cut_100").name, "AP@100");
  EXPECT_EQ(parse_measure("recip_rank").name, "RR");
  EXPECT_EQ(parse_measure("recall_100").name, "R@100");
  EXPECT_EQ(parse_measure("P_5").name, "P@5");
  EXPECT_EQ(parse_measure("success_10").name, "Success@10");
}

TEST(ParseMeasure, TakesOtherNamesAndAnyCase) {
  EXPECT_EQ(parse_measure("ndcg@10").name, "nDCG@10");
  EXPECT_EQ(parse_measure("MAP").name, "AP");
  EXPECT_EQ(parse_measure("mrr@10").name, "RR@10");
  EXPECT_EQ(parse_measure("Recall@100").name, "R@100");
  EXPECT_EQ(parse_measure("precision@5").name, "P@5");
}

TEST(ParseMeasure, KeepsTheParameterAndTheCutoff) {
  const Measure measure = parse_measure("AP(rel=2)@100");
  EXPECT_EQ(measure.name, "AP(rel=2)@100");
  EXPECT_EQ(measure.settings.rel, 2);
  EXPECT_EQ(measure.settings.cutoff, 100u);
}

TEST(ParseMeasure, LeavesTheDefaultGradeOutOfTheName) { EXPECT_EQ(parse_measure("P(rel=1)@5").name, "P@5"); }

TEST(ParseMeasure, NamesTheMeasuresThereAre) {
  EXPECT_THAT([] { parse_measure("accuracy@10"); },
              ThrowsMessage<InvalidArgument>(
                  "measure \"accuracy@10\": unknown, expected one of nDCG, AP, RR, R@k, P@k, Success@k"));
}

TEST(ParseMeasure, DoesNotKnowTheEmptyName) {
  EXPECT_THAT([] { parse_measure(""); }, ThrowsMessage<InvalidArgument>(testing::HasSubstr("measure \"\": unknown")));
}

TEST(ParseMeasure, RefusesTwoCutoffs) {
  EXPECT_THAT([] { parse_measure("ndcg_cut_5@10"); }, ThrowsMessage<InvalidArgument>(testing::HasSubstr("unknown")));
}

TEST(ParseMeasure, AsksForTheCutoffThatAMeasureNeeds) {
  EXPECT_THAT([] { parse_measure("R"); },
              ThrowsMessage<InvalidArgument>("measure \"R\": R needs a cut-off, as in R@10"));
}

TEST(ParseMeasure, RefusesACutoffThatIsNoRank) {
  EXPECT_THAT(
      [] { parse_measure("nDCG@0"); },
      ThrowsMessage<InvalidArgument>("measure \"nDCG@0\": the cut-off is \"0\", expected a whole number from 1 up"));
  EXPECT_THAT(
      [] { parse_measure("P_5x"); },
      ThrowsMessage<InvalidArgument>("measure \"P_5x\": the cut-off is \"5x\", expected a whole number from 1 up"));
  EXPECT_THAT(
      [] { parse_measure("AP@"); },
      ThrowsMessage<InvalidArgument>("measure \"AP@\": the cut-off is \"\", expected a whole number from 1 up"));
}

TEST(ParseMeasure, RefusesAParameterTheMeasureLacks) {
  EXPECT_THAT(
      [] { parse_measure("nDCG(rel=2)@10"); },
      ThrowsMessage<InvalidArgument>("measure \"nDCG(rel=2)@10\": nDCG has no parameter \"rel\", expected none"));
  EXPECT_THAT([] { parse_measure("AP(p=0.8)"); },
              ThrowsMessage<InvalidArgument>("measure \"AP(p=0.8)\": AP has no parameter \"p\", expected rel"));
}

TEST(ParseMeasure, RefusesAGradeThatCannotBeRelevant) {
  EXPECT_THAT([] { parse_measure("AP(rel=0)"); },
              ThrowsMessage<InvalidArgument>("measure \"AP(rel=0)\": rel is \"0\", expected a whole number from 1 up"));
}

TEST(ParseMeasure, MissesAClosingParenthesis) {
  EXPECT_THAT([] { parse_measure("AP(rel=2@10"); },
              ThrowsMessage<InvalidArgument>(
                  "measure \"AP(rel=2@10\": a closing parenthesis is missing, expected as in AP(rel=2)@100"));
}

}  // namespace
}  // namespace dragoman
