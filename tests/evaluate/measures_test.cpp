#include "dragoman/evaluate/measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
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

TEST(Measures, NdcgMayGainExponentially) {
  const double gained = 1 / std::log2(3) + 3 / std::log2(5), ideal = 3 + 1 / std::log2(3) + 1 / std::log2(4);
  EXPECT_DOUBLE_EQ(value("nDCG(dcg='exp-log2')@10", kExample), gained / ideal);
}

TEST(Measures, NdcgTakesOtherGradesInPlaceOfThese) {
  const double gained = 5 / std::log2(3) + 1 / std::log2(5), ideal = 5 + 5 / std::log2(3) + 1 / std::log2(4);
  EXPECT_DOUBLE_EQ(value("nDCG(gains={1:5,2:1})", kExample), gained / ideal);
}

// A document of grade 1 satisfies with probability 1/16, one of grade 2 with 3/16.
TEST(Measures, ExpectedReciprocalRankStopsAtTheDocumentThatSatisfies) {
  EXPECT_DOUBLE_EQ(value("ERR@10", kExample), 1.0 / 16 / 2 + 15.0 / 16 * 3 / 16 / 4);
  EXPECT_DOUBLE_EQ(value("ERR@3", kExample), 1.0 / 16 / 2);
  EXPECT_DOUBLE_EQ(value("ERR(max_rel=2)", kExample), 1.0 / 4 / 2 + 3.0 / 4 * 3 / 4 / 4);
}

TEST(Measures, ExpectedReciprocalRankRefusesAGradeAboveTheHighest) {
  EXPECT_THAT(
      [] {
        value("ERR@10", {{0}, {7, 0}});
      },
      ThrowsMessage<InvalidArgument>("ERR: a document has grade 7, expected at most 4; set the highest grade, "
                                     "as in ERR(max_rel=7)@10"));
}

TEST(Measures, RankBiasedPrecisionGoesOnWithProbabilityP) {
  EXPECT_DOUBLE_EQ(value("RBP(p=0.5,rel=1)", kExample), 0.5 * (0.5 + 0.125));
  EXPECT_DOUBLE_EQ(value("RBP(p=0.5,rel=2)", kExample), 0.5 * 0.125);
  EXPECT_DOUBLE_EQ(value("RBP(p=0.5,rel=1)@3", kExample), 0.5 * 0.5);
  EXPECT_DOUBLE_EQ(value("RBP(rel=1)", kExample), 0.2 * (0.8 + 0.512));
}

TEST(Measures, RPrecisionLooksAsDeepAsThereAreRelevantDocuments) {
  EXPECT_DOUBLE_EQ(value("Rprec", kExample), 1.0 / 3);
  EXPECT_DOUBLE_EQ(value("Rprec_mult_1.5", kExample), 2.0 / 5);  // 4.5 documents, upwards
}

// One of the two judged non-relevant documents, the one of grade 0; that of grade -1 was pooled, but not judged.
TEST(Measures, BinaryPreferenceComparesWithJudgedNonRelevantDocuments) {
  EXPECT_DOUBLE_EQ(value("Bpref", {{1, 0, kUnjudged, -1, 1}, {1, 1, 0, 0, -1}}), (1 + (1 - 1.0 / 2)) / 2);
}

// At rank 4, of the three above two were judged (one of them relevant), and the other was not in the pool.
TEST(Measures, InferredAveragePrecisionSkipsWhatWasPooledButNotJudged) {
  const double at_4 = 1.0 / 4 + 3.0 / 4 * (2.0 / 3) * (1.00001 / 2.00002);
  EXPECT_DOUBLE_EQ(value("infAP", {{1, 0, kUnjudged, 1}, {1, 1, 0}}), (1 + at_4) / 2);
}

TEST(Measures, InterpolatedPrecisionIsTheBestAtThatRecallOrAHigherOne) {
  const GradedRanking ranking = {{0, 1, 1, 0}, {1, 1, 1, 1, 0}};  // precisions 1/2 and 2/3 at recall 1/4 and 2/4
  EXPECT_DOUBLE_EQ(value("IPrec@0.0", ranking), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("IPrec@0.5", ranking), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("IPrec@0.75", ranking), 0);
  EXPECT_DOUBLE_EQ(value("11pt_avg", ranking), 6 * (2.0 / 3) / 11);
}

TEST(Measures, GeometricMeansAreTakenOfLogarithms) {
  EXPECT_DOUBLE_EQ(value("gm_map", kExample), std::log((1.0 / 2 + 2.0 / 4) / 3));
  EXPECT_DOUBLE_EQ(value("gm_map", kNothingRetrieved), std::log(0.00001));
  EXPECT_DOUBLE_EQ(value("gm_bpref", kNothingRetrieved), std::log(0.00001));
}

TEST(Measures, RelativePrecisionDividesByTheBestThatIsPossible) {
  EXPECT_DOUBLE_EQ(value("relative_P_4", kExample), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("relative_P_2", kExample), 1.0 / 2);
}

TEST(Measures, JudgedIsTheShareOfJudgedDocumentsAmongThoseThatAreThere) {
  EXPECT_DOUBLE_EQ(value("Judged@2", kExample), 1);
  EXPECT_DOUBLE_EQ(value("Judged@10", kExample), 4.0 / 5);
  EXPECT_DOUBLE_EQ(value("Judged", kExample), 4.0 / 5);
}

TEST(Measures, SetMeasuresTakeAllThatWasRetrieved) {
  EXPECT_DOUBLE_EQ(value("SetP", kExample), 2.0 / 5);
  EXPECT_DOUBLE_EQ(value("SetP(relative=True)", kExample), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("SetR", kExample), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("SetF", kExample), 2 * (2.0 / 5) * (2.0 / 3) / (2.0 / 5 + 2.0 / 3));
  EXPECT_DOUBLE_EQ(value("SetF(beta=2)", kExample), 3 * (2.0 / 5) * (2.0 / 3) / (2 * 2.0 / 5 + 2.0 / 3));
  EXPECT_DOUBLE_EQ(value("SetAP", kExample), (2.0 / 5) * (2.0 / 3));
  EXPECT_DOUBLE_EQ(value("utility", kExample), 2 - 3);
}

TEST(Measures, CountsCount) {
  EXPECT_EQ(value("NumRet", kExample), 5);
  EXPECT_EQ(value("NumRelRet", kExample), 2);
  EXPECT_EQ(value("NumRet(rel=2)", kExample), 1);
  EXPECT_EQ(value("NumRel", kExample), 3);
  EXPECT_EQ(value("num_nonrel_judged_ret", kExample), 1);  // -1 was not judged
  EXPECT_EQ(value("NumQ", kExample), 1);
}

TEST(Measures, UnjudgedDocumentsMayLeaveTheRankingFirst) {
  EXPECT_DOUBLE_EQ(value("RR(judged_only=True)", {{kUnjudged, -1, 0, 1}, {1, 0, -1}}), 1.0 / 2);
}

TEST(Measures, AreAveragedButForCountsAndGeometricMeans) {
  EXPECT_DOUBLE_EQ(parse_measure("AP").aggregate(1.5, 3), 0.5);
  EXPECT_DOUBLE_EQ(parse_measure("NumRet").aggregate(1.5, 3), 1.5);
  EXPECT_DOUBLE_EQ(parse_measure("gm_map").aggregate(std::log(0.25) + std::log(1.0), 2), 0.5);
  EXPECT_TRUE(std::isnan(parse_measure("NumRet").aggregate(0, 0)));
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
                         testing::Values("nDCG", "nDCG@10", "nDCG(dcg='exp-log2')@10", "AP", "AP@10", "RR", "RR@10",
                                         "R@10", "P@10", "Success@10", "Rprec", "Bpref", "infAP", "IPrec@0.0",
                                         "IPrec@0.25", "11pt_avg", "RBP(p=0.95,rel=1)", "RBP(rel=2)@10", "ERR@10",
                                         "SetP", "SetP(relative=True)", "SetR", "SetF(beta=0.5)", "SetAP",
                                         "NumRet(rel=1)", "relative_P@10", "Rprec_mult@0.2", "RR(judged_only=True)"));

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
  EXPECT_EQ(parse_measure("iprec_at_recall_.10").name, "IPrec@0.1");
  EXPECT_EQ(parse_measure("iprec_at_recall.0.10").name, "IPrec@0.1");
  EXPECT_EQ(parse_measure("set_relative_P").name, "SetP(relative=True)");
  EXPECT_EQ(parse_measure("set_F_0.5").name, "SetF(beta=0.5)");
  EXPECT_EQ(parse_measure("num_rel_ret").name, "NumRet(rel=1)");
}

TEST(ParseMeasure, KeepsTheSpelling) { EXPECT_EQ(parse_measure("ndcg_cut.10").spelling, "ndcg_cut.10"); }

TEST(ParseMeasure, TakesTheParametersOfIrMeasures) {
  EXPECT_EQ(parse_measure("nDCG(gains={0: 0, 1: 3, 2: 7}, dcg=\"exp-log2\")@10").name,
            "nDCG(dcg='exp-log2',gains={1:3,2:7})@10");
  EXPECT_EQ(parse_measure("AP(judged_only=True,rel=2)").name, "AP(rel=2,judged_only=True)");
  EXPECT_EQ(parse_measure("nDCG(cutoff=10)").name, "nDCG@10");
  EXPECT_EQ(parse_measure("RBP(rel=1,p=0.80)@100").name, "RBP(rel=1)@100");
  EXPECT_EQ(parse_measure("SetRelP(rel=2)").name, "SetP(rel=2,relative=True)");
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
  EXPECT_THAT(
      [] { parse_measure("precison@10"); },
      ThrowsMessage<InvalidArgument>(
          "measure \"precison@10\": unknown, expected one of nDCG, AP, RR, R@k, P@k, Success@k, Rprec, Bpref, infAP, "
          "IPrec@x, 11pt_avg, gm_map, gm_bpref, RBP, ERR, Judged, SetP, SetR, SetF, SetAP, NumRet, NumRel, NumQ, "
          "num_nonrel_judged_ret, relative_P@k, Rprec_mult@x, utility"));
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
  EXPECT_THAT([] { parse_measure("IPrec"); },
              ThrowsMessage<InvalidArgument>("measure \"IPrec\": IPrec needs a recall, as in IPrec@0.1"));
  EXPECT_THAT([] { parse_measure("RBP"); },
              ThrowsMessage<InvalidArgument>("measure \"RBP\": RBP needs rel, as in RBP(rel=1)"));
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
  EXPECT_THAT([] { parse_measure("nDCG(rel=2)@10"); },
              ThrowsMessage<InvalidArgument>("measure \"nDCG(rel=2)@10\": nDCG has no parameter \"rel\", "
                                             "expected dcg, gains, judged_only"));
  EXPECT_THAT(
      [] { parse_measure("AP(p=0.8)"); },
      ThrowsMessage<InvalidArgument>("measure \"AP(p=0.8)\": AP has no parameter \"p\", expected rel, judged_only"));
}

TEST(ParseMeasure, RefusesAGradeThatCannotBeRelevant) {
  EXPECT_THAT([] { parse_measure("AP(rel=0)"); },
              ThrowsMessage<InvalidArgument>("measure \"AP(rel=0)\": rel is \"0\", expected a whole number from 1 up"));
}

TEST(ParseMeasure, RefusesAParameterThatIsNotLegal) {
  EXPECT_THAT(
      [] { parse_measure("RBP(p=1,rel=1)"); },
      ThrowsMessage<InvalidArgument>("measure \"RBP(p=1,rel=1)\": p is \"1\", expected a number above 0 and below 1"));
  EXPECT_THAT(
      [] { parse_measure("nDCG(dcg='log3')"); },
      ThrowsMessage<InvalidArgument>("measure \"nDCG(dcg='log3')\": dcg is \"'log3'\", expected log2 or exp-log2"));
  EXPECT_THAT([] { parse_measure("nDCG(gains={1:3,1:4})"); },
              ThrowsMessage<InvalidArgument>("measure \"nDCG(gains={1:3,1:4})\": gains is \"{1:3,1:4}\", "
                                             "expected grades and gains as in {1:3,2:7}"));
  EXPECT_THAT(
      [] { parse_measure("IPrec@10"); },
      ThrowsMessage<InvalidArgument>("measure \"IPrec@10\": the recall is \"10\", expected a number from 0 to 1"));
}

TEST(ParseMeasure, RefusesASettingGivenTwice) {
  EXPECT_THAT([] { parse_measure("AP(rel=1,rel=2)"); },
              ThrowsMessage<InvalidArgument>("measure \"AP(rel=1,rel=2)\": rel is given twice"));
  EXPECT_THAT([] { parse_measure("P(cutoff=5)@10"); },
              ThrowsMessage<InvalidArgument>("measure \"P(cutoff=5)@10\": cutoff is given twice"));
}

TEST(ParseMeasure, RefusesACutoffWhereThereIsNone) {
  EXPECT_THAT([] { parse_measure("Rprec@10"); },
              ThrowsMessage<InvalidArgument>("measure \"Rprec@10\": Rprec takes nothing behind an '@'"));
}

TEST(ParseMeasure, MissesAClosingParenthesis) {
  EXPECT_THAT([] { parse_measure("AP(rel=2@10"); },
              ThrowsMessage<InvalidArgument>(
                  "measure \"AP(rel=2@10\": a closing parenthesis is missing, expected as in AP(rel=2)@100"));
}

std::vector<std::string> names(std::string_view list) {
  std::vector<std::string> result;
  for (const Measure& measure : parse_measures(list)) result.push_back(measure.name);
  return result;
}

TEST(ParseMeasures, CutsAtCommasAndWhiteSpaceOutsideOfBrackets) {
  EXPECT_THAT(names("nDCG@10, RBP(p=0.9,rel=1)\tnDCG(gains={1:3,2:7})@5,AP"),
              ElementsAre("nDCG@10", "RBP(p=0.9,rel=1)", "nDCG(gains={1:3,2:7})@5", "AP"));
}

TEST(ParseMeasures, TakesTrecEvalsListsOfParameters) {
  EXPECT_THAT(names("P.5,10,map,ndcg_cut.3,20"), ElementsAre("P@5", "P@10", "AP", "nDCG@3", "nDCG@20"));
  EXPECT_EQ(parse_measures("P.5,10").back().spelling, "P_10");
}

TEST(ParseMeasures, TakesTrecEvalsDefaultsForAParameterThatIsMissing) {
  EXPECT_THAT(names("success"), ElementsAre("Success@1", "Success@5", "Success@10"));
  EXPECT_THAT(names("recall"), ElementsAre("R@5", "R@10", "R@15", "R@20", "R@30", "R@100", "R@200", "R@500", "R@1000"));
}

TEST(ParseMeasures, KnowsTrecEvalsGroups) {
  EXPECT_EQ(names("official").size(), 9u + 11u + 9u);
  EXPECT_THAT(names("set"), ElementsAre("NumQ", "NumRet", "NumRel", "NumRet(rel=1)", "utility", "SetP", "SetR",
                                        "SetP(relative=True)", "SetAP", "SetF"));
  EXPECT_EQ(names("all_trec").size(), 20u + 11u + 10u + 3u + 5 * 9u);
}

// Asked for under two names, it is answered under both.
TEST(ParseMeasures, CountsARepeatedSpellingOnce) { EXPECT_THAT(names("AP,map,AP"), ElementsAre("AP", "AP")); }

TEST(ParseMeasures, AsksForAMeasure) {
  EXPECT_THAT(
      [] { parse_measures(" , "); },
      ThrowsMessage<InvalidArgument>("the list of measures is \" , \", expected at least one, as in nDCG@10,AP"));
}

TEST(ParseMeasures, ReadsANumberOnlyBehindAMeasureThatHasOne) {
  EXPECT_THAT([] { parse_measures("AP,10"); }, ThrowsMessage<InvalidArgument>(HasSubstr("measure \"10\": unknown")));
}

}  // namespace
}  // namespace dragoman
