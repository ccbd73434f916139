#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "dragoman/base/error.h"
#include "dragoman/evaluate/evaluation.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::ThrowsMessage;

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

TEST(EvaluateByLanguage, GroupsByScriptAsWell) {
  // Swahili and English are written in Latin letters; together their documents are one more kind to take alone.
  // sw1: 1-sw first, RR 1. hi1: 2-en, 1-en, 2-sw: 0.5. en2: 2-en first: 1.
  EXPECT_THAT(lines(example().by_query_script), ElementsAre("Deva 1 0.5", "Latn 2 1"));
  EXPECT_THAT(lines(example().by_document_script), ElementsAre("Deva 3 0.5", "Latn 3 0.833333"));
}

TEST(EvaluateByLanguage, CallsAScriptThatNobodyKnowsByItsOwnCode) {
  const auto result = evaluate_by_language({{"q1", {{"d1", 1}}}}, {{"q1", {{"d1", 1}}}}, kMeasures, {}, {});
  EXPECT_THAT(lines(result.by_query_script), ElementsAre("Zzzz 1 1"));
}

TEST(EvaluateByLanguage, GroupsByTheResourcesOfTheQueryLanguage) {
  const ResourceClasses classes = {{Language::parse("sw"), "low"}, {Language::parse("en"), "high"}};
  const auto result =
      evaluate_by_language(kJudgements, kRun, kMeasures, query_languages(), document_languages(), {}, classes);
  EXPECT_THAT(lines(result.by_resource_class), ElementsAre("high 1 1", "low 1 1", "unknown 1 0.5"));
  EXPECT_TRUE(example().by_resource_class.empty());
}

TEST(EvaluateByLanguage, TakesTheClassOfTheLanguageWithoutItsScript) {
  const auto result = evaluate_by_language({{"q1", {{"d1", 1}}}}, {{"q1", {{"d1", 1}}}}, kMeasures,
                                           languages({{"q1", "zh-Hant"}}), {}, {}, {{Language::parse("zh"), "5"}});
  EXPECT_THAT(lines(result.by_resource_class), ElementsAre("5 1 1"));
}

TEST(EvaluateByLanguage, LooksNoDeeperThanAsked) {
  const auto result =
      evaluate_by_language(kJudgements, kRun, kMeasures, query_languages(), document_languages(), {.depth = 1});
  EXPECT_THAT(lines({result.all}), ElementsAre("all 3 0.666667"));  // hi1 has its answer on rank 2
  EXPECT_THAT(lines(result.by_document_language), ElementsAre("en 3 0.333333", "hi 3 0", "sw 3 0.333333"));
}

// What the rows are made of.
TEST(EvaluateGroups, HoldsTheQueriesOfEachRow) {
  const ResourceClasses classes = {{Language::parse("sw"), "low"}, {Language::parse("hi"), "low"}};
  const LanguageEvaluation rows =
      evaluate_by_language(kJudgements, kRun, kMeasures, query_languages(), document_languages(), {}, classes);
  const std::vector<std::pair<Grouping, const std::vector<EvaluationRow>*>> groupings = {
      {Grouping::query_language, &rows.by_query_language},
      {Grouping::document_language, &rows.by_document_language},
      {Grouping::pair, &rows.by_pair},
      {Grouping::query_script, &rows.by_query_script},
      {Grouping::document_script, &rows.by_document_script},
      {Grouping::resource_class, &rows.by_resource_class}};
  for (const auto& [grouping, expected] : groupings) {
    const auto groups =
        evaluate_groups(kJudgements, kRun, kMeasures, grouping, query_languages(), document_languages(), {}, classes);
    ASSERT_EQ(groups.size(), expected->size()) << to_string(grouping);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      double sum = 0;
      for (const QueryValues& query : groups[i].queries) sum += query.values.at(0);
      EXPECT_EQ(groups[i].label, (*expected)[i].label);
      EXPECT_EQ(groups[i].queries.size(), (*expected)[i].queries);
      EXPECT_EQ(sum / static_cast<double>(groups[i].queries.size()), (*expected)[i].values.at(0)) << groups[i].label;
    }
  }
}

TEST(EvaluateGroups, NamesTheQueries) {
  const auto groups =
      evaluate_groups(kJudgements, kRun, kMeasures, Grouping::document_script, query_languages(), document_languages());
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].label, "Deva");
  EXPECT_EQ(groups[0].queries[1].query_id, "hi1");
  EXPECT_THAT(groups[0].queries[1].values, ElementsAre(0.5));
}

TEST(ReadResourceClasses, TakesATagAndAClassALine) {
  const test::TemporaryFolder folder;
  const auto classes =
      read_resource_classes(folder.write("classes.tsv", "swa_Latn\t2\n\nen\tvery high\nen\tvery high\n"));
  EXPECT_EQ(classes, (ResourceClasses{{Language::parse("sw"), "2"}, {Language::parse("en"), "very high"}}));
}

TEST(ReadResourceClasses, NamesTheLineThatIsWrong) {
  const test::TemporaryFolder folder;
  const auto read = [&](std::string_view content) { read_resource_classes(folder.write("c.tsv", content)); };
  EXPECT_THAT([&] { read("en high\n"); },
              ThrowsMessage<InvalidData>(EndsWith("c.tsv:1: expected 2 fields (language, tab, class), got 1")));
  EXPECT_THAT([&] { read("en\t\n"); },
              ThrowsMessage<InvalidData>(EndsWith("c.tsv:1: the class is empty, expected a name")));
  EXPECT_THAT([&] { read("en\thigh\neng\tlow\n"); },
              ThrowsMessage<InvalidData>(EndsWith("c.tsv:2: en is in class \"low\", but was in \"high\" before")));
  EXPECT_THAT([&] { read("1?\thigh\n"); }, ThrowsMessage<InvalidData>(HasSubstr("c.tsv:1: ")));
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
