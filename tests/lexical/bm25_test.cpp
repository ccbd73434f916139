#include "dragoman/lexical/bm25.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "dragoman/base/error.h"
#include "lexical/lexical_support.h"
#include "support/test_support.h"

namespace dragoman {

namespace {

using test::numbers;
using test::tokens;
using test::Words;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class Bm25Test : public testing::Test {
 protected:
  /// An index of segments of the given sizes; the last one takes the rest.
  Bm25Index index(const std::vector<Words>& documents, const std::vector<std::size_t>& sizes = {}) {
    std::vector<std::shared_ptr<const LexicalSegment>> segments;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= sizes.size(); ++i) {
      const std::size_t end = i < sizes.size() ? begin + sizes[i] : documents.size();
      segments.push_back(test::make_segment(folder_.path() / std::to_string(files_++),
                                            static_cast<DocumentNumber>(begin), test::slice(documents, begin, end)));
      begin = end;
    }
    // The order in which segments are given must not matter.
    std::reverse(segments.begin(), segments.end());
    return Bm25Index(std::move(segments));
  }

  test::TemporaryFolder folder_;
  int files_ = 0;
};

TEST_F(Bm25Test, CountsTheDocumentsOfEachLanguageThatHaveAWord) {
  const Bm25Index three = index({{"sw", "chai moto"}, {"hi", "chai chai"}, {"sw", "maji"}, {"sw", "chai"}}, {1, 2});
  const std::vector<Language> languages = {Language::parse("hi"), Language::parse("sw"), Language::parse("de")};
  EXPECT_THAT(three.document_frequencies("chai", languages), ElementsAre(1, 2, 0));
  EXPECT_THAT(three.document_frequencies("maji", languages), ElementsAre(0, 1, 0));
  EXPECT_THAT(three.document_frequencies("kahawa", languages), ElementsAre(0, 0, 0));
}

TEST_F(Bm25Test, ScoresByTheFormula) {
  const auto hits = index({{"en", "a a b"}, {"en", "b"}}).search(tokens("a"), 10);
  // One of 2 documents has it, twice; 3 words where 2 are average.
  const double expected = std::log(1 + (2 - 1 + 0.5) / (1 + 0.5)) * 2 / (2 + 0.9 * (1 - 0.4 + 0.4 * 3 / 2));
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_FLOAT_EQ(hits[0].score, static_cast<float>(expected));
}

TEST_F(Bm25Test, KnowsWhatAFullMatchScores) {
  const Bm25Index two = index({{"sw", "chai moto"}, {"sw", "maji baridi"}, {"hi", "chai"}});
  const Language swahili = Language::parse("sw");
  // A document of average length that has each word once: what the first document is.
  EXPECT_NEAR(two.full_score(tokens("chai moto"), {}, swahili), two.search(tokens("chai moto"), 1)[0].score, 1e-5);
  // A word that is nowhere counts as the rarest: ln(1 + 2.5 / 0.5) / 1.9.
  EXPECT_NEAR(two.full_score(tokens("kahawa"), {}, swahili), std::log(6.0) / 1.9, 1e-6);
  // There is no German: 2 of all 3 have it, so ln(1 + 1.5 / 2.5) / 1.9.
  EXPECT_NEAR(two.full_score(tokens("chai"), {}, Language::parse("de")), std::log(1.6) / 1.9, 1e-6);
  EXPECT_EQ(two.full_score({}, {}, swahili), 0);
}

TEST_F(Bm25Test, PrefersRareWordsShortDocumentsAndRepetition) {
  const auto searched = index({{"th", "แมว"}, {"th", "แมว หมา"}, {"th", "หมา หมา"}, {"th", "หมา นก"}});
  EXPECT_THAT(numbers(searched.search(tokens("แมว"), 10)), ElementsAre(0, 1));
  EXPECT_THAT(numbers(searched.search(tokens("หมา นก"), 10)), ElementsAre(3, 2, 1));
}

TEST_F(Bm25Test, CountsARepeatedWordOfTheQueryTwice) {
  const auto searched = index({{"sw", "habari ya asubuhi"}, {"sw", "ya"}});
  const auto once = searched.search(tokens("habari"), 1), twice = searched.search(tokens("habari habari"), 1);
  EXPECT_FLOAT_EQ(twice[0].score, 2 * once[0].score);
}

TEST_F(Bm25Test, FindsNothingForAnEmptyQueryOrUnknownWordsOrInAnEmptyIndex) {
  const auto searched = index({{"ru", "слово"}, {"ru", ""}});
  EXPECT_THAT(searched.search({}, 10), IsEmpty());
  EXPECT_THAT(searched.search(tokens("дело"), 10), IsEmpty());
  EXPECT_THAT(Bm25Index({}).search(tokens("слово"), 10), IsEmpty());
  EXPECT_THAT(index({{"ru", ""}}).search(tokens("слово"), 10), IsEmpty());
}

TEST_F(Bm25Test, OrdersAndCutsEqualScoresByDocumentNumber) {
  const auto searched = index({{"ja", "猫"}, {"ja", "猫"}, {"ja", "犬"}, {"ja", "猫"}}, {1, 2});
  EXPECT_THAT(numbers(searched.search(tokens("猫"), 10)), ElementsAre(0, 1, 3));
  EXPECT_THAT(numbers(searched.search(tokens("猫"), 2)), ElementsAre(0, 1));
  EXPECT_THAT(searched.search(tokens("猫"), 0), IsEmpty());
}

TEST_F(Bm25Test, WeighsADocumentByItsOwnLanguage) {
  // "bank" is in all 3 German documents, but in one of 3 English ones.
  const std::vector<Words> documents = {{"de", "bank a"}, {"de", "bank b"}, {"de", "bank c"},
                                        {"en", "bank d"}, {"en", "e f"},    {"en", "g h"}};
  const auto searched = index(documents);
  EXPECT_THAT(numbers(searched.search(tokens("bank"), 1)), ElementsAre(3));
  Bm25Options pooled;
  pooled.statistics = LexicalStatistics::pooled;
  EXPECT_THAT(numbers(searched.search(tokens("bank"), 10, pooled)), ElementsAre(0, 1, 2, 3));
}

TEST_F(Bm25Test, GivesARareLanguageNoBonus) {
  // The same two texts, each in a language with 2 documents and in one with 20.
  std::vector<Words> documents = {{"sw", "radio"}, {"sw", "x"}};
  for (int i = 0; i < 10; ++i) documents.insert(documents.end(), {{"fr", "radio"}, {"fr", "x"}});
  const auto hits = index(documents).search(tokens("radio"), 20);
  ASSERT_EQ(hits.size(), 11u);
  EXPECT_LE(hits.back().score, hits.front().score);
  EXPECT_NEAR(hits.front().score, hits.back().score, 1e-6);
}

TEST_F(Bm25Test, TakesRegionsForOneLanguageAndScriptsForTwo) {
  const auto score = [&](const char* other) {
    return index({{"pt", "casa"}, {other, "casa"}, {other, "rua"}}).search(tokens("casa"), 1)[0].score;
  };
  EXPECT_EQ(score("pt-BR"), score("pt"));
  EXPECT_NE(score("pt-Cyrl"), score("pt"));
}

TEST_F(Bm25Test, LeavesDocumentsWithoutWordsOutOfTheStatistics) {
  const auto without = index({{"hi", "एक दो"}, {"hi", "तीन"}}).search(tokens("एक"), 10);
  EXPECT_EQ(index({{"hi", "एक दो"}, {"hi", "तीन"}, {"hi", ""}, {"hi", ""}}).search(tokens("एक"), 10), without);
}

TEST_F(Bm25Test, ReturnsAllowedDocumentsOnlyWithScoresUnchanged) {
  const auto searched = index({{"ar", "كلمة"}, {"ar", "كلمة كلمة"}, {"ar", "كلمة"}});
  const std::vector<std::uint8_t> allowed = {1, 0};
  const auto hits = searched.search(tokens("كلمة"), 10, {}, allowed);
  EXPECT_THAT(numbers(hits), ElementsAre(0));
  EXPECT_THAT(searched.search(tokens("كلمة"), 10), testing::Contains(hits[0]));
}

TEST_F(Bm25Test, RefusesParametersOutOfRangeNamingTheRange) {
  const auto searched = index({{"en", "a"}});
  EXPECT_THAT([&] { searched.search(tokens("a"), 1, {.k1 = -1}); },
              ThrowsMessage<InvalidArgument>("k1 is -1, must be finite and at least 0"));
  EXPECT_THAT([&] { searched.search(tokens("a"), 1, {.b = 1.5f}); },
              ThrowsMessage<InvalidArgument>("b is 1.5, must be between 0 and 1"));
  EXPECT_THROW(searched.search({}, 1, {.k1 = std::numeric_limits<float>::infinity()}), InvalidArgument);
  EXPECT_THROW(searched.search({}, 1, {.b = std::nanf("")}), InvalidArgument);
}

TEST_F(Bm25Test, TakesOtherSettingsForALanguage) {
  // Twice a word in 2 words, in each language; of the average length.
  const auto searched = index({{"de", "haus haus"}, {"de-AT", "rad rad"}, {"ja", "家 家"}, {"ja", "車 車"}});
  Bm25Options options;
  options.by_language = {{Language::parse("de"), 0, 0}};
  const auto saturated = std::log(1 + (2 - 1 + 0.5) / (1 + 0.5));
  EXPECT_FLOAT_EQ(searched.search(tokens("haus"), 1, options)[0].score, static_cast<float>(saturated));
  EXPECT_FLOAT_EQ(searched.search(tokens("rad"), 1, options)[0].score, static_cast<float>(saturated));
  EXPECT_EQ(searched.search(tokens("家"), 1, options)[0].score, searched.search(tokens("家"), 1)[0].score);
  options.by_language[0].b = 2;
  EXPECT_THAT([&] { searched.search(tokens("家"), 1, options); },
              ThrowsMessage<InvalidArgument>("b is 2, must be between 0 and 1"));
}

TEST_F(Bm25Test, ScoresByTheLikelihoodOfTheQuery) {
  const auto searched = index({{"sw", "habari habari ya"}, {"sw", "ya"}, {"en", "ya"}});
  Bm25Options options;
  options.weighting = LexicalWeighting::dirichlet;
  options.mu = 10;
  // "habari" is 2 of 4 Swahili words, and one is added to both; the document has it twice in 3 words.
  const double expected = std::log(1 + 2 / (10 * 3.0 / 5)) + std::log(10.0 / 13);
  EXPECT_NEAR(searched.search(tokens("habari"), 1, options)[0].score, expected, 1e-7);
  options.statistics = LexicalStatistics::pooled;
  const double pooled = std::log(1 + 2 / (10 * 3.0 / 6)) + std::log(10.0 / 13);
  EXPECT_NEAR(searched.search(tokens("habari"), 1, options)[0].score, pooled, 1e-7);
  options.mu = 0;
  EXPECT_THAT([&] { searched.search(tokens("ya"), 1, options); },
              ThrowsMessage<InvalidArgument>("mu is 0, must be finite and above 0"));
}

TEST_F(Bm25Test, RefusesSegmentsThatOverlap) {
  const auto a = test::make_segment(folder_.path() / "a", 0, {{"en", "a"}, {"en", "b"}});
  const auto b = test::make_segment(folder_.path() / "b", 1, {{"en", "c"}});
  EXPECT_THAT([&] { Bm25Index({b, a}); }, ThrowsMessage<InvalidData>(HasSubstr("both hold document 1")));
}

/// The slow twin: every document, every word, straight from the formula.
std::vector<ScoredDocument> score_all(const std::vector<Words>& documents, const std::string& query,
                                      const Bm25Options& options) {
  const auto statistics_of = [&](const Words& document) {
    return options.statistics == LexicalStatistics::pooled ? "all" : document.language;
  };
  std::vector<std::vector<std::string>> words;
  for (const Words& document : documents) {
    words.emplace_back();
    for (const Token& token : tokens(document.text)) words.back().push_back(token.text);
  }
  std::map<std::string, int> query_words;
  for (const Token& token : tokens(query)) ++query_words[token.text];

  std::vector<ScoredDocument> hits;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    if (words[d].empty()) continue;
    double n = 0, total_length = 0, score = 0;
    std::map<std::string, double> df;
    for (std::size_t other = 0; other < documents.size(); ++other) {
      if (statistics_of(documents[other]) != statistics_of(documents[d]) || words[other].empty()) continue;
      n += 1;
      total_length += static_cast<double>(words[other].size());
      for (const std::string& word : std::set<std::string>(words[other].begin(), words[other].end())) df[word] += 1;
    }
    for (const auto& [word, times] : query_words) {
      const auto tf = static_cast<double>(std::count(words[d].begin(), words[d].end(), word));
      if (tf == 0) continue;
      const double k1 = options.k1, b = options.b;
      const double relative_length = static_cast<double>(words[d].size()) / (total_length / n);
      score += times * std::log(1.0 + (n - df[word] + 0.5) / (df[word] + 0.5)) * tf /
               (tf + k1 * (1.0 - b + b * relative_length));
    }
    if (score > 0) hits.push_back({static_cast<DocumentNumber>(d), static_cast<float>(score)});
  }
  std::sort(hits.begin(), hits.end(), [](const ScoredDocument& a, const ScoredDocument& b) {
    return a.score != b.score ? a.score > b.score : a.document < b.document;
  });
  return hits;
}

/// Are these the best hits by the formula, in their order, but for the last digits of a float?
void expect_by_formula(const std::vector<ScoredDocument>& hits, const std::vector<ScoredDocument>& formula,
                       std::size_t depth) {
  ASSERT_EQ(hits.size(), std::min(depth, formula.size()));
  std::map<DocumentNumber, float> score_of;
  for (const ScoredDocument& hit : formula) score_of[hit.document] = hit.score;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    ASSERT_NEAR(hits[i].score, score_of.at(hits[i].document), 1e-6 * hits[0].score);
    // The same score at every rank: so none of the best was left out.
    ASSERT_NEAR(hits[i].score, formula[i].score, 1e-6 * hits[0].score);
    if (i == 0) continue;
    const bool tie = hits[i].score == hits[i - 1].score;
    ASSERT_TRUE(tie ? hits[i].document > hits[i - 1].document : hits[i].score < hits[i - 1].score);
  }
}

class Bm25AgainstItsTwin : public Bm25Test {
 protected:
  std::string text(std::size_t longest) {
    static const std::vector<std::string> kWords = {"a",  "b",   "c",    "d",     "radio",  "слово", "東京",
                                                    "猫", "แมว", "كلمة", "हिन्दी", "habari", "yaar",  "가나"};
    std::string out;
    for (std::size_t i = random_() % (longest + 1); i > 0; --i) {
      // The smaller of two draws: some words are frequent, others rare.
      out += kWords[std::min(random_() % kWords.size(), random_() % kWords.size())] + " ";
    }
    return out;
  }

  std::vector<Words> documents(std::size_t count) {
    static const std::vector<std::string> kLanguages = {"en", "ru", "zh-Hant", "und", "hi-Latn"};
    std::vector<Words> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back({kLanguages[random_() % kLanguages.size()], text(12)});
    return out;
  }

  std::mt19937 random_{20};
};

TEST_F(Bm25AgainstItsTwin, GivesTheSameScoresHoweverDocumentsAreCutIntoSegments) {
  for (int round = 0; round < 12; ++round) {
    const auto corpus = documents(60);
    const Bm25Index whole = index(corpus), halves = index(corpus, {30}), pieces = index(corpus, {1, 20, 0, 3, 35});
    for (int i = 0; i < 10; ++i) {
      const std::string query = text(6);
      Bm25Options options;
      options.k1 = static_cast<float>(random_() % 30) / 10;
      options.b = static_cast<float>(random_() % 11) / 10;
      options.statistics = i % 2 == 0 ? LexicalStatistics::per_language : LexicalStatistics::pooled;
      const std::size_t depth = 1 + random_() % 70;
      const auto expected = whole.search(tokens(query), depth, options);
      expect_by_formula(expected, score_all(corpus, query, options), depth);
      ASSERT_EQ(halves.search(tokens(query), depth, options), expected);
      ASSERT_EQ(pieces.search(tokens(query), depth, options), expected);
    }
  }
}

TEST_F(Bm25AgainstItsTwin, GivesTheSameScoresFarApart) {
  // Matches lie thousands of documents apart, and the first number is not 0.
  std::vector<Words> corpus(9000, {"en", ""});
  for (const std::size_t at : {0, 1, 2047, 2048, 4500, 8999}) corpus[at] = {"en", "a " + text(3)};
  expect_by_formula(index(corpus, {2047, 3000}).search(tokens("a b"), 10), score_all(corpus, "a b", {}), 10);
}

TEST_F(Bm25AgainstItsTwin, DoesNotDependOnTheOrderOfTheQuery) {
  const auto corpus = documents(40);
  const Bm25Index searched = index(corpus, {13});
  EXPECT_EQ(searched.search(tokens("a radio слово 猫 b"), 40), searched.search(tokens("猫 b a слово radio"), 40));
}

TEST_F(Bm25AgainstItsTwin, GivesTheSameFromManyThreads) {
  const auto corpus = documents(60);
  const Bm25Index searched = index(corpus, {25});
  const auto expected = searched.search(tokens("a radio 猫"), 60);
  std::vector<int> same(4, 0);
  std::vector<std::thread> threads;
  for (int& count : same) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) count += searched.search(tokens("a radio 猫"), 60) == expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(same, testing::Each(50));
}

}  // namespace
}  // namespace dragoman
