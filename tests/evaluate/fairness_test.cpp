#include "dragoman/evaluate/fairness.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;
using testing::Pair;
using testing::ThrowsMessage;

const Language kEnglish = Language::parse("en"), kHindi = Language::parse("hi"), kSwahili = Language::parse("sw");

// Ids end in their language: "1-sw" is story 1 in Swahili, "q1-hi" asks for story 1 in Hindi.
Language language_in(const std::string& id) { return Language::parse(id.substr(id.rfind('-') + 1)); }

dragoman::Run runs(const std::vector<std::pair<std::string, std::vector<std::string>>>& rankings) {
  dragoman::Run run;
  for (const auto& [query_id, document_ids] : rankings) {
    Ranking ranking;
    for (const std::string& id : document_ids) ranking.push_back({id, -static_cast<float>(ranking.size())});
    run[query_id] = ranking;
  }
  return run;
}

LanguagePool pool_of(const dragoman::Run& run, std::map<Language, std::size_t> documents) {
  LanguagePool pool;
  pool.documents = std::move(documents);
  for (const auto& [query_id, ranking] : run) {
    pool.query_languages[query_id] = language_in(query_id);
    pool.questions[query_id] = query_id.substr(0, query_id.find('-'));
    for (const Hit& hit : ranking) pool.document_languages[hit.id] = language_in(hit.id);
  }
  return pool;
}

/// A pool with as many documents in each of three languages.
FairnessReport report(const dragoman::Run& run, const Judgements& judgements = {}, FairnessOptions options = {}) {
  LanguagePool pool = pool_of(run, {{kEnglish, 10}, {kHindi, 10}, {kSwahili, 10}});
  for (const auto& [query_id, of_query] : judgements) {
    pool.query_languages[query_id] = language_in(query_id);
    for (const auto& [id, grade] : of_query) pool.document_languages[id] = language_in(id);
  }
  return fairness(judgements, run, pool, options);
}

TEST(Fairness, CallsThePartOfTheCollectionFair) {
  const dragoman::Run run = runs({{"q1-sw", {"1-sw"}}});
  const auto result = fairness({}, run, pool_of(run, {{kEnglish, 30}, {kSwahili, 10}}));
  EXPECT_THAT(result.fair_exposure, ElementsAre(Pair(kEnglish, 0.75), Pair(kSwahili, 0.25)));
  EXPECT_THAT(count_languages({{"1", kSwahili}, {"2", kEnglish}, {"3", kSwahili}}),
              ElementsAre(Pair(kEnglish, 1), Pair(kSwahili, 2)));
}

TEST(Fairness, SharesExposureOutByRank) {
  // Rank 1 is worth 1, rank 3 is worth 1 / log2(4), a half; rank 2 (0.63) is English. The Hindi one is too deep.
  const auto result = report(runs({{"q1-sw", {"1-sw", "1-en", "2-sw", "1-hi"}}}), {}, {.depth = 3});
  const double second = 1 / std::log2(3);
  EXPECT_THAT(result.exposure.at(kSwahili), ElementsAre(Pair(kEnglish, DoubleNear(second / (1.5 + second), 1e-12)),
                                                        Pair(kSwahili, DoubleNear(1.5 / (1.5 + second), 1e-12))));
  EXPECT_EQ(result.exposure.size(), 1u);
}

TEST(Fairness, AveragesExposureOverTheRankingsThatHoldAnything) {
  const auto result =
      report(runs({{"q1-sw", {"1-sw"}}, {"q2-sw", {"1-en"}}, {"q3-sw", {}}, {"q1-hi", {"1-hi"}}}), {}, {.depth = 1});
  EXPECT_THAT(result.exposure.at(kSwahili), ElementsAre(Pair(kEnglish, 0.5), Pair(kSwahili, 0.5)));
  EXPECT_THAT(result.exposure.at(kHindi), ElementsAre(Pair(kHindi, 1)));
}

TEST(Fairness, CountsHowManyTimesItsShareOnesOwnLanguageTakes) {
  // Swahili takes 2 of 2 where a third were fair: 3 times. English takes 1 of 2: 1.5 times. Only two ranks count.
  const auto result =
      report(runs({{"q1-sw", {"1-sw", "2-sw", "1-en"}}, {"q1-en", {"1-hi", "1-en", "2-en"}}}), {}, {.depth = 2});
  EXPECT_THAT(result.own_language_share_of,
              ElementsAre(Pair(kEnglish, DoubleNear(1.5, 1e-12)), Pair(kSwahili, DoubleNear(3, 1e-12))));
  EXPECT_NEAR(result.own_language_share, 2.25, 1e-12);
}

TEST(Fairness, TakesAShareOfTheHitsThereAre) {
  const auto result = report(runs({{"q1-sw", {"1-sw", "1-en"}}}), {}, {.depth = 10});
  EXPECT_NEAR(result.own_language_share, 1.5, 1e-12);
}

TEST(Fairness, LeavesOutWhoseLanguageTheCollectionLacks) {
  const auto result = report(runs({{"q1-th", {"1-sw"}}, {"q2-und", {"1-sw"}}}));
  EXPECT_THAT(result.own_language_share, IsNan());
  EXPECT_EQ(result.own_language_bias.queries, 0u);
  EXPECT_EQ(result.exposure.size(), 2u);
}

TEST(Fairness, TakesScriptsOfOneLanguageForOne) {
  const dragoman::Run run = runs({{"q1-zh", {"1-zh-Hant"}}});
  LanguagePool pool;
  pool.query_languages = {{"q1-zh", Language::parse("zh")}};
  pool.document_languages = {{"1-zh-Hant", Language::parse("zh-Hant")}};
  pool.documents = {{Language::parse("zh"), 1}, {Language::parse("zh-Hant"), 1}, {kEnglish, 2}};
  EXPECT_EQ(fairness({}, run, pool).own_language_share, 2);  // 1 of 1, where a half were fair
}

// 12 questions in two languages each. Where every hit is in the question's language, 12 of 12 questions lean to it, and
// 2 of 2^12 flips of signs do as much.
TEST(Fairness, TestsBiasByQuestionAndNotByTranslation) {
  std::vector<std::pair<std::string, std::vector<std::string>>> rankings;
  for (int i = 1; i <= 12; ++i) {
    rankings.push_back({fmt::format("q{}-sw", i), {"1-sw", "2-sw"}});
    rankings.push_back({fmt::format("q{}-hi", i), {"1-hi", "2-hi"}});
  }
  const PairedComparison bias = report(runs(rankings)).own_language_bias;
  EXPECT_EQ(bias.queries, 12u);
  EXPECT_NEAR(bias.system_mean, 1, 1e-12);
  EXPECT_NEAR(bias.baseline_mean, 1.0 / 3, 1e-12);
  EXPECT_EQ(bias.p_randomisation, 2.0 / 4096);
}

TEST(Fairness, ComparesTheRankingsOfOneQuestionInSeveralLanguages) {
  // At depth 3 they share 0, 2, 2 documents: 2/3. Rank-biased, p = 0.9: (0.81 * 2/2 + 0.729 * 2/3) / 9 + 0.729 * 2/3.
  const auto result =
      report(runs({{"q1-sw", {"1-sw", "1-en", "2-sw"}}, {"q1-en", {"1-en", "1-sw", "2-en"}}, {"q2-hi", {"1-hi"}}}), {},
             {.depth = 3});
  EXPECT_EQ(result.questions, 1u);
  EXPECT_NEAR(result.overlap, 2.0 / 3, 1e-12);
  EXPECT_NEAR(result.rank_biased_overlap, 0.63, 1e-12);
}

TEST(Fairness, WeighsQuestionsAlikeHoweverManyTranslationsTheyHave) {
  // The first question gets three times the same answer, the second never.
  const auto result = report(runs({{"q1-sw", {"1-en"}},
                                   {"q1-hi", {"1-en"}},
                                   {"q1-en", {"1-en"}},  //
                                   {"q2-sw", {"2-sw"}},
                                   {"q2-en", {"2-en"}}}));
  EXPECT_EQ(result.questions, 2u);
  EXPECT_EQ(result.overlap, 0.5);
  EXPECT_NEAR(result.rank_biased_overlap, 0.5, 1e-12);
}

TEST(Fairness, ComparesRankingsOfDifferentLength) {
  // One goes on where the other ends, as far as it goes they agree: all that is known is agreement.
  const auto result = report(runs({{"q1-sw", {"1-sw"}}, {"q1-en", {"1-sw", "2-sw"}}}));
  EXPECT_EQ(result.overlap, 0.5);
  EXPECT_NEAR(result.rank_biased_overlap, 1, 1e-12);
  EXPECT_EQ(report(runs({{"q1-sw", {"1-sw"}}, {"q1-en", {}}})).rank_biased_overlap, 0);
  EXPECT_THAT(report(runs({{"q1-sw", {}}, {"q1-en", {}}})).overlap, IsNan());
}

TEST(Fairness, MeasuresHowFarApartParallelDocumentsStand) {
  const Judgements judgements = {{"q1-sw", {{"1-sw", 1}, {"1-en", 1}, {"2-en", 0}}}};
  // Ranks 1 and 3: the mean is 2, either is 1 away.
  EXPECT_EQ(report(runs({{"q1-sw", {"1-sw", "2-en", "1-en"}}}), judgements).rank_variance, 1);
  // Ranks 1 and, missing behind five hits, 6: 2.5 away.
  EXPECT_EQ(report(runs({{"q1-sw", {"1-sw", "2-en", "2-sw", "2-hi", "3-hi"}}}), judgements).rank_variance, 6.25);
}

TEST(Fairness, LooksForRankVarianceWhereThereIsAny) {
  const Judgements judgements = {{"q1-sw", {{"1-sw", 1}, {"2-sw", 1}}},   // one language
                                 {"q2-sw", {{"3-sw", 1}, {"3-en", 1}}},   // none found
                                 {"q3-sw", {{"4-sw", 1}, {"4-en", 1}}}};  // no ranking
  const auto result = report(runs({{"q1-sw", {"1-sw", "9-sw", "2-sw"}}, {"q2-sw", {"9-sw"}}}), judgements);
  EXPECT_EQ(result.rank_variance_queries, 0u);
  EXPECT_THAT(result.rank_variance, IsNan());
}

TEST(Fairness, TellsWeakFromStrongAlignment) {
  const Judgements judgements = {{"q1-sw", {{"1-sw", 1}, {"1-en", 1}, {"1-hi", 1}}}};
  const auto degrees = [&](const std::vector<std::string>& ranking) {
    const Alignment found = report(runs({{"q1-sw", ranking}}), judgements).alignment;
    return std::vector{found.weak, found.strong};
  };
  // All that is right before all that is wrong.
  EXPECT_THAT(degrees({"1-sw", "1-hi", "1-en", "2-sw", "2-en", "2-hi"}), ElementsAre(1, 1));
  // Right within each language, but everything in Swahili first.
  EXPECT_THAT(degrees({"1-sw", "2-sw", "3-sw", "1-en", "2-en", "1-hi"}), ElementsAre(1, 0));
  // English before wrong Swahili, but behind wrong English.
  EXPECT_THAT(degrees({"2-en", "1-en", "2-sw", "1-hi"}), ElementsAre(0.5, 0.5));
  // What was not found came before nothing.
  EXPECT_THAT(degrees({"1-sw"}), ElementsAre(0, 0));
}

TEST(Fairness, CountsAlignmentOfJudgedQueriesWithoutARanking) {
  const Judgements judgements = {{"q1-sw", {{"1-en", 1}}}, {"q2-sw", {{"2-en", 1}}}, {"q3-sw", {{"3-sw", 1}}}};
  const Alignment alignment = report(runs({{"q1-sw", {"1-en"}}}), judgements).alignment;
  EXPECT_EQ(alignment.queries, 2u);  // q3 has its answer in its own language alone
  EXPECT_EQ(alignment.weak, 0.5);
}

TEST(QuestionsById, TakesTheLanguageOffTheEndOfAnId) {
  const auto tag = [](const char* text) { return Language::parse(text); };
  const LanguageOf languages = {{"q1-ru", tag("ru")},        {"q1_hin", tag("hi")}, {"q1.zh-Hant", tag("zh-Hant")},
                                {"h-7-eng_Latn", tag("en")}, {"q1-ar", tag("fa")},  {"-sw", tag("sw")},
                                {"q-ja-1", tag("ja")},       {"問-ja", tag("ja")},  {"q1-und", tag("und")}};
  EXPECT_THAT(questions_by_id(languages),
              testing::UnorderedElementsAre(Pair("q1-ru", "q1"), Pair("q1_hin", "q1"), Pair("q1.zh-Hant", "q1"),
                                            Pair("h-7-eng_Latn", "h-7"), Pair("問-ja", "問")));
}

TEST(Fairness, RefusesWhatItCannotCompute) {
  EXPECT_THAT([] { fairness({}, {}, {}); },
              ThrowsMessage<InvalidArgument>("fairness: the collection has no document in any language"));
  EXPECT_THAT([] { report({}, {}, {.depth = 0}); }, ThrowsMessage<InvalidArgument>("depth is 0, expected at least 1"));
  EXPECT_THAT([] { report({}, {}, {.persistence = 1}); },
              ThrowsMessage<InvalidArgument>("persistence is 1, expected a number between 0 and 1"));
}

// Scores of 1, 5/6, 2/3 in Swahili and 1/6, 0 in English, brought to [0, 1]. Equal shares are fair.
const Ranking kSwahiliFirst = {{"1-sw", 9}, {"2-sw", 8}, {"3-sw", 7}, {"1-en", 4}, {"2-en", 3}};
const std::map<Language, double> kHalfEach = {{kEnglish, 0.5}, {kSwahili, 0.5}};

std::vector<std::string> ids(const Ranking& ranking) {
  std::vector<std::string> result;
  for (const Hit& hit : ranking) result.push_back(hit.id);
  return result;
}

LanguageOf languages_of(const Ranking& ranking) {
  LanguageOf languages;
  for (const Hit& hit : ranking) languages[hit.id] = language_in(hit.id);
  return languages;
}

std::vector<std::string> turned(double dial, const std::map<Language, double>& fair = kHalfEach) {
  return ids(balance_exposure(kSwahiliFirst, languages_of(kSwahiliFirst), fair, dial));
}

std::vector<std::string> guaranteed(double share, const std::map<Language, double>& fair = kHalfEach) {
  return ids(guarantee_exposure(kSwahiliFirst, languages_of(kSwahiliFirst), fair, share));
}

TEST(GuaranteeExposure, GivesEachLanguageItsLeast) {
  // Of two languages with half of the documents each, every second hit is either's if all of it is guaranteed.
  const auto all = guaranteed(1);
  const auto languages = languages_of(kSwahiliFirst);
  for (std::size_t rank = 2; rank <= std::min<std::size_t>(all.size(), 4); rank += 2) {
    const auto english = std::count_if(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(rank),
                                       [&](const std::string& id) { return languages.at(id) == kEnglish; });
    EXPECT_GE(english, static_cast<std::ptrdiff_t>(rank / 2)) << rank;
  }
  // The first is still the best of all, and with a share of 0 nothing moves.
  EXPECT_EQ(all[0], kSwahiliFirst[0].id);
  EXPECT_EQ(guaranteed(0), ids(kSwahiliFirst));
  EXPECT_THAT([] { guaranteed(-0.5); },
              ThrowsMessage<InvalidArgument>("the guaranteed share is -0.5, expected 0 to 1"));
}

TEST(BalanceExposure, LeavesTheRankingAsItIsAtZero) {
  EXPECT_THAT(turned(0), ElementsAre("1-sw", "2-sw", "3-sw", "1-en", "2-en"));
}

TEST(BalanceExposure, AsksWhoseTurnItIsAtOne) {
  // Rank 1 goes to the better score. Ranks 2 and 3 together are worth as much as rank 1, so both go to English.
  EXPECT_THAT(turned(1), ElementsAre("1-sw", "1-en", "2-en", "2-sw", "3-sw"));
}

TEST(BalanceExposure, WeighsScoresAgainstTurnsInBetween) {
  // Rank 3 at 0.5: 3-sw has 0.5 * 2/3 + 0.5 * (0.5 - 1.63 / 2.13) = 0.20, 1-en has 0.5 * 1/6 + 0.5 * 0.5 = 0.33.
  // Rank 3 at 0.2: 3-sw has 0.8 * 2/3 + 0.2 * (0.5 - 1.63 / 2.13) = 0.48, 1-en has 0.8 * 1/6 + 0.2 * 0.5 = 0.23.
  EXPECT_THAT(turned(0.5), ElementsAre("1-sw", "2-sw", "1-en", "3-sw", "2-en"));
  EXPECT_THAT(turned(0.2), ElementsAre("1-sw", "2-sw", "3-sw", "1-en", "2-en"));
}

TEST(BalanceExposure, GivesNothingUnaskedToALanguageWithoutAClaim) {
  EXPECT_THAT(turned(1, {{kEnglish, 1}}), ElementsAre("1-en", "2-en", "1-sw", "2-sw", "3-sw"));
  EXPECT_THAT(turned(1, {{kHindi, 1}}), ElementsAre("1-sw", "1-en", "2-en", "2-sw", "3-sw"));
}

TEST(BalanceExposure, GivesScoresThatSortTheSameWay) {
  Ranking ranking = kSwahiliFirst;
  for (Hit& hit : ranking) hit.score = 1;
  Ranking balanced = balance_exposure(ranking, languages_of(ranking), kHalfEach, 1);
  const std::vector<std::string> before = ids(balanced);
  sort_ranking(balanced);
  EXPECT_EQ(ids(balanced), before);
  EXPECT_EQ(balanced.front().score, 1);
}

TEST(BalanceExposure, BringsExposureToItsFairSharesInALongRanking) {
  Random random(1);
  const std::map<Language, double> fair = {{kEnglish, 0.5}, {kHindi, 0.3}, {kSwahili, 0.2}};
  Ranking ranking;
  for (int i = 0; i < 300; ++i) {
    const char* languages[] = {"sw", "hi", "en"};
    ranking.push_back({fmt::format("{}-{}", i, languages[random.below(3)]), static_cast<float>(300 - i)});
  }
  const dragoman::Run run = {{"q1-sw", balance_exposure(ranking, languages_of(ranking), fair, 1)}};
  FairnessOptions options;
  options.depth = 100;
  const auto result = fairness({}, run, pool_of(run, {{kEnglish, 5}, {kHindi, 3}, {kSwahili, 2}}), options);
  for (const auto& [language, share] : result.exposure.at(kSwahili)) {
    EXPECT_NEAR(share, fair.at(language), 0.01) << language.tag();
  }
}

TEST(BalanceExposure, RefusesADialThatDoesNotTurnSoFar) {
  EXPECT_THAT([] { turned(1.5); }, ThrowsMessage<InvalidArgument>("the dial is 1.5, expected 0 to 1"));
}

TEST(ExposureCurve, TellsWhatEachTurnOfTheDialCosts) {
  // The answer in English climbs from rank 4 to rank 2, the one in Swahili stays.
  const Judgements judgements = {{"q1-sw", {{"1-sw", 0}, {"1-en", 1}}}, {"q2-sw", {{"1-sw", 1}}}};
  const dragoman::Run run = {{"q1-sw", kSwahiliFirst}, {"q2-sw", kSwahiliFirst}};
  const std::vector<Measure> measures = {parse_measure("RR"), parse_measure("P@1")};
  const auto curve = exposure_curve(judgements, run, measures, pool_of(run, {{kEnglish, 1}, {kSwahili, 1}}),
                                    std::vector{0.0, 1.0}, {.depth = 2});
  ASSERT_EQ(curve.size(), 2u);
  EXPECT_EQ(curve[0].own_language_share, 2);  // 2 of 2, where 1 were fair
  EXPECT_THAT(curve[0].values, ElementsAre((0.25 + 1) / 2, 0.5));
  EXPECT_EQ(curve[1].dial, 1);
  EXPECT_EQ(curve[1].own_language_share, 1);
  EXPECT_THAT(curve[1].values, ElementsAre((0.5 + 1) / 2, 0.5));
}

}  // namespace
}  // namespace dragoman
