#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "dragoman/evaluate/evaluation.h"

namespace dragoman {
namespace {

using testing::ElementsAre;

// Two stories, each in Swahili, Hindi and English. "sw1" asks for story 1 in Swahili, "hi1" in Hindi, "en2" for
// story 2.
const Judgements kJudgements = {{"sw1", {{"1-sw", 1}, {"1-hi", 1}, {"1-en", 1}}},
                                {"hi1", {{"1-sw", 1}, {"1-hi", 1}, {"1-en", 1}}},
                                {"en2", {{"2-sw", 1}, {"2-hi", 1}, {"2-en", 1}}}};
const Run kRun = {
    {"sw1", {{"1-sw", 6}, {"2-sw", 5}, {"2-en", 4}, {"1-en", 3}}},               // sw: rank 1, en: rank 2, hi: missed
    {"hi1", {{"2-hi", 6}, {"1-hi", 5}, {"2-en", 4}, {"1-en", 3}, {"2-sw", 2}}},  // hi: rank 2, en: rank 2, sw: missed
    {"en2", {{"2-en", 6}, {"1-sw", 5}, {"2-sw", 4}, {"2-hi", 3}}},               // en: rank 1, sw: rank 2, hi: rank 1
};

LanguageOf languages(const std::vector<std::pair<std::string, std::string>>& tags) {
  LanguageOf result;
  for (const auto& [id, tag] : tags) result.emplace(id, Language::parse(tag));
  return result;
}

const LanguageOf& query_languages() {
  static const LanguageOf result = languages({{"sw1", "sw"}, {"hi1", "hi"}, {"en2", "en"}});
  return result;
}

const LanguageOf& document_languages() {
  static const LanguageOf result =
      languages({{"1-sw", "sw"}, {"2-sw", "sw"}, {"1-hi", "hi"}, {"2-hi", "hi"}, {"1-en", "en"}, {"2-en", "en"}});
  return result;
}

const std::vector<Measure> kMeasures = {parse_measure("RR")};

LanguageEvaluation example() {
  return evaluate_by_language(kJudgements, kRun, kMeasures, query_languages(), document_languages());
}

/// "sw 1 0.5": label, queries, first value.
std::vector<std::string> lines(const std::vector<EvaluationRow>& rows) {
  std::vector<std::string> result;
  for (const auto& [label, queries, values] : rows) {
    std::ostringstream line;
    line << label << ' ' << queries << ' ' << values.at(0);
    result.push_back(line.str());
  }
  return result;
}

TEST(EvaluateByLanguage, TakesWholeRankingsByQueryLanguage) {
  EXPECT_THAT(lines(example().by_query_language), ElementsAre("en 1 1", "hi 1 0.5", "sw 1 1"));
}

TEST(EvaluateByLanguage, TakesTheDocumentsOfOneLanguageAloneByPair) {
  EXPECT_THAT(lines(example().by_pair), ElementsAre("en>en 1 1", "en>hi 1 1", "en>sw 1 0.5",    //
                                                    "hi>en 1 0.5", "hi>hi 1 0.5", "hi>sw 1 0",  //
                                                    "sw>en 1 0.5", "sw>hi 1 0", "sw>sw 1 1"));
}

TEST(EvaluateByLanguage, CountsAMissAsZeroByDocumentLanguage) {
  // en: (0.5 + 0.5 + 1) / 3, hi: (0.5 + 1 + 0) / 3, sw: (1 + 0.5 + 0) / 3
  EXPECT_THAT(lines(example().by_document_language), ElementsAre("en 3 0.666667", "hi 3 0.5", "sw 3 0.5"));
}

TEST(EvaluateByLanguage, AveragesThePairsOfOneLanguage) {
  EXPECT_THAT(lines({example().same}), ElementsAre("same 3 0.833333"));  // (1 + 0.5 + 1) / 3
}

TEST(EvaluateByLanguage, AveragesThePairsOfDifferentLanguages) {
  EXPECT_NEAR(example().cross.values.at(0), (1 + 0.5 + 0.5 + 0 + 0.5 + 0) / 6, 1e-15);
  EXPECT_EQ(example().cross.queries, 6u);
}

TEST(EvaluateByLanguage, GivesThePlainMeanToo) {
  EXPECT_EQ(example().all.values, evaluate(kJudgements, kRun, kMeasures).all.values);
}

TEST(EvaluateByLanguage, WeighsPairsAlikeHoweverManyQueriesTheyHave) {
  // Three Russian questions about Russian documents, all answered; one Thai question about Thai documents, not
  // answered.
  const Judgements judgements = {{"1", {{"r", 1}}}, {"2", {{"r", 1}}}, {"3", {{"r", 1}}}, {"4", {{"t", 1}}}};
  const dragoman::Run run = {{"1", {{"r", 1}}}, {"2", {{"r", 1}}}, {"3", {{"r", 1}}}};
  const auto result =
      evaluate_by_language(judgements, run, kMeasures, languages({{"1", "ru"}, {"2", "ru"}, {"3", "ru"}, {"4", "th"}}),
                           languages({{"r", "ru"}, {"t", "th"}}));
  EXPECT_THAT(lines({result.all, result.same}), ElementsAre("all 4 0.75", "same 4 0.5"));
}

TEST(EvaluateByLanguage, CountsOnlyQueriesJudgedInTheDocumentsLanguage) {
  // The Arabic question has no judged document in English, so "ar>en" does not exist; it is not 0.
  const auto result = evaluate_by_language(
      {{"q1", {{"d-ar", 1}}}, {"q2", {{"d-en", 1}}}}, {{"q1", {{"d-en", 2}, {"d-ar", 1}}}, {"q2", {{"d-en", 1}}}},
      kMeasures, languages({{"q1", "ar"}, {"q2", "en"}}), languages({{"d-ar", "ar"}, {"d-en", "en"}}));
  EXPECT_THAT(lines(result.by_pair), ElementsAre("ar>ar 1 1", "en>en 1 1"));
}

TEST(EvaluateByLanguage, TakesScriptsOfOneLanguageForTheSameLanguage) {
  const auto result = evaluate_by_language({{"q1", {{"繁", 1}}}}, {{"q1", {{"繁", 1}}}}, kMeasures,
                                           languages({{"q1", "zh"}}), languages({{"繁", "zh-Hant"}}));
  EXPECT_THAT(lines(result.by_pair), ElementsAre("zh>zh-Hant 1 1"));
  EXPECT_THAT(lines({result.same}), ElementsAre("same 1 1"));
}

TEST(EvaluateByLanguage, CallsWhatIsNotInTheMapsUndetermined) {
  const auto result = evaluate_by_language({{"q1", {{"d1", 1}}}}, {{"q1", {{"d1", 1}}}}, kMeasures, {}, {});
  EXPECT_THAT(lines(result.by_pair), ElementsAre("und>und 1 1"));
}

TEST(EvaluateByLanguage, LeavesUndeterminedPairsOutOfSameAndCross) {
  const auto result = evaluate_by_language({{"q1", {{"d1", 1}}}}, {{"q1", {{"d1", 1}}}}, kMeasures, {}, {});
  EXPECT_EQ(result.same.queries, 0u);
  EXPECT_TRUE(std::isnan(result.same.values.at(0)));
  EXPECT_EQ(result.cross.queries, 0u);
  EXPECT_TRUE(std::isnan(result.cross.values.at(0)));
}

TEST(EvaluateByLanguage, LooksAtRetrievedQueriesOnlyOnRequest) {
  const dragoman::Run run = {{"sw1", kRun.at("sw1")}};
  const auto result = evaluate_by_language(kJudgements, run, kMeasures, query_languages(), document_languages(),
                                           {QuerySet::judged_and_retrieved});
  EXPECT_THAT(lines(result.by_pair), ElementsAre("sw>en 1 0.5", "sw>hi 1 0", "sw>sw 1 1"));
}

// The slow twin: cut judgements and run down to a language, and evaluate what is left.
TEST(EvaluateByLanguage, EqualsAnEvaluationOfTheFilesCutDownToALanguage) {
  const LanguageEvaluation result = example();
  for (const EvaluationRow& row : result.by_document_language) {
    const auto is_other = [&](const std::string& id) { return document_languages().at(id).tag() != row.label; };
    Judgements judgements = kJudgements;
    for (auto& of_query : judgements)
      std::erase_if(of_query.second, [&](const auto& entry) { return is_other(entry.first); });
    dragoman::Run run = kRun;
    for (auto& of_query : run) std::erase_if(of_query.second, [&](const Hit& hit) { return is_other(hit.id); });
    EXPECT_EQ(row.values, evaluate(judgements, run, kMeasures).all.values) << row.label;
  }
}

}  // namespace
}  // namespace dragoman
