#include "dragoman/evaluate/text_measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ThrowsMessage;

Language language(std::string_view tag) { return Language::parse(tag); }

std::string normalized(std::string_view text, std::string_view tag) { return normalize_answer(text, language(tag)); }

AnswerScore score(std::string_view answer, const std::vector<std::string>& right, std::string_view tag) {
  return score_answer(answer, right, language(tag));
}

TEST(NormalizeAnswer, FollowsSquadInEnglish) {
  EXPECT_EQ(normalized("The  Cat's \tmat, (an old one)", "en"), "cats mat old one");
  EXPECT_EQ(normalized("Theatre a-team the", "en"), "theatre ateam");
  EXPECT_EQ(normalized("“the end”", "en"), "“ end”");  // SQuAD removes the punctuation of ASCII alone.
}

TEST(NormalizeAnswer, RemovesThePunctuationOfAllScripts) {
  EXPECT_EQ(normalized("«Москва», 1147 г.", "ru"), "москва 1147 г");
  EXPECT_EQ(normalized("नई दिल्ली।", "hi"), "नई दिल्ली");
  EXPECT_EQ(normalized("“Dar es Salaam”!", "sw"), "dar es salaam");
}

TEST(NormalizeAnswer, RemovesTheArticlesOfALanguage) {
  EXPECT_EQ(normalized("Die Mauer und der Fluss", "de"), "mauer und fluss");
  EXPECT_EQ(normalized("El perro y la casa", "es"), "perro y casa");
  EXPECT_EQ(normalized("Những con mèo của tôi", "vi"), "con mèo tôi");
  EXPECT_EQ(normalized("القاهرة، مصر", "ar"), "قاهرة مصر");
  EXPECT_EQ(normalized("die the le", "fr"), "die the le");  // None is known.
}

TEST(NormalizeAnswer, MakesAWordOfEachChineseAndJapaneseCharacter) {
  EXPECT_EQ(normalized("北京，2008年。", "zh"), "北 京 2008 年");
  EXPECT_EQ(normalized("東京タワー", "ja"), "東 京 タ ワ ー");
  EXPECT_EQ(normalized("東京タワー", "zh"), "東 京 タワー");  // MLQA knows no kana.
}

TEST(NormalizeAnswer, FindsThaiWordsByDictionary) {
  EXPECT_EQ(normalized("โรงเรียนเริ่มแปดโมงเช้า", "th"), "โรงเรียน เริ่ม แปด โมง เช้า");
}

TEST(NormalizeAnswer, LeavesKoreanAndCodeSwitchedTextItsSpaces) {
  EXPECT_EQ(normalized("서울 특별시!", "ko"), "서울 특별시");
  EXPECT_EQ(normalized("Kal ki meeting, दिल्ली में.", "hi"), "kal ki meeting दिल्ली में");
}

TEST(ScoreAnswer, SharesWords) {
  const AnswerScore one = score("the red cat", {"a red dog", "nothing"}, "en");
  EXPECT_EQ(one.exact_match, 0);
  EXPECT_DOUBLE_EQ(one.f1, 0.5);  // "red" of "red cat" and "red dog"
}

TEST(ScoreAnswer, TakesTheBestRightAnswer) {
  const AnswerScore best = score("Nairobi!", {"Mombasa", "nairobi"}, "sw");
  EXPECT_EQ(best.exact_match, 1);
  EXPECT_EQ(best.f1, 1);
}

TEST(ScoreAnswer, CountsARepeatedWordAsOftenAsBothHaveIt) {
  EXPECT_DOUBLE_EQ(score("ndiyo ndiyo ndiyo", {"ndiyo ndiyo hapana"}, "sw").f1, 2.0 / 3);
}

TEST(ScoreAnswer, SharesCharactersInChinese) {
  EXPECT_DOUBLE_EQ(score("北京市", {"北京"}, "zh").f1, 2 * (2.0 / 3) * 1 / (2.0 / 3 + 1));
}

TEST(ScoreAnswer, NoAnswerIsRightWhereThereIsNone) {
  EXPECT_EQ(score("", {""}, "en").f1, 1);
  EXPECT_EQ(score("the", {"."}, "en").exact_match, 1);
  EXPECT_EQ(score("something", {""}, "en").f1, 0);
  EXPECT_EQ(score("", {"something"}, "en").f1, 0);
}

TEST(ScoreAnswer, NeedsARightAnswer) {
  EXPECT_THAT([] { score("x", {}, "en"); },
              ThrowsMessage<InvalidArgument>("score_answer: there is no reference to compare with"));
}

// "the cat sat" of "the cat sat down": all its n-grams are right, but it is too short.
TEST(Bleu, IsThePrecisionsTimesAPenaltyForBrevity) {
  const std::vector<std::string> hypotheses = {"the cat sat on it"};
  const std::vector<std::vector<std::string>> references = {{"the cat sat on it today"}};
  const Bleu bleu = corpus_bleu(hypotheses, references);
  EXPECT_THAT(bleu.precisions, testing::Each(100));
  EXPECT_DOUBLE_EQ(bleu.brevity_penalty, std::exp(1 - 6.0 / 5));
  EXPECT_DOUBLE_EQ(bleu.score, 100 * std::exp(1 - 6.0 / 5));
  EXPECT_EQ(bleu.hypothesis_tokens, 5u);
  EXPECT_EQ(bleu.reference_tokens, 6u);
}

TEST(Bleu, SumsUpBeforeItDivides) {
  const std::vector<std::string> hypotheses = {"a b c d", "x"};
  const std::vector<std::vector<std::string>> references = {{"a b c d"}, {"y"}};
  const Bleu bleu = corpus_bleu(hypotheses, references);
  EXPECT_THAT(bleu.precisions, testing::ElementsAre(80, 100, 100, 100));  // 4 of 5 words
  EXPECT_DOUBLE_EQ(bleu.score, std::exp((std::log(80) + 3 * std::log(100)) / 4));
}

TEST(Bleu, AsksForReferencesOfEveryText) {
  const std::vector<std::string> two = {"a", "b"};
  EXPECT_THAT([&] { corpus_bleu({}, {}); }, ThrowsMessage<InvalidArgument>("corpus_bleu: there is no text to judge"));
  const std::vector<std::vector<std::string>> one = {{"a"}}, empty = {{"a"}, {}};
  EXPECT_THAT([&] { corpus_bleu(two, one); },
              ThrowsMessage<InvalidArgument>("corpus_bleu: there are 2 texts, but references of 1"));
  EXPECT_THAT([&] { corpus_chrf(two, empty); }, ThrowsMessage<InvalidArgument>("corpus_chrf: text 2 has no reference"));
}

// Characters a, b, c of a, b, d: precision and recall 2/3 for one, 1/2 for two, 0 for three.
TEST(Chrf, IsTheFMeasureOfMeanPrecisionAndRecall) {
  EXPECT_NEAR(sentence_chrf("a bc", std::vector<std::string>{"ab d"}), 100 * (2.0 / 3 + 1.0 / 2 + 0) / 3, 1e-12);
}

TEST(Chrf, RefusesOptionsOutOfRange) {
  const std::vector<std::string> right = {"a"};
  EXPECT_THAT([&] { sentence_chrf("a", right, {.character_order = 0}); },
              ThrowsMessage<InvalidArgument>("sentence_chrf: character_order is 0, expected at least 1"));
  EXPECT_THAT([&] { sentence_chrf("a", right, {.beta = 0}); },
              ThrowsMessage<InvalidArgument>("sentence_chrf: beta is 0, expected a number above 0"));
}

// Values of sacrebleu (tools/make-golden/text_measures.py).
class Sacrebleu : public testing::Test {
 protected:
  const Json golden_ = [] {
    const auto path = test::source_dir() / "tests/golden/text_measures.json";
    return parse_json_object(read_file(path), path.string());
  }();
};

constexpr double kTolerance = 1e-9;
const ChrfOptions kChrfPlusPlus = {.word_order = 2}, kShortChrf = {.character_order = 3, .word_order = 1, .beta = 1};

TEST_F(Sacrebleu, AgreesOnEveryText) {
  for (const Json& entry : golden_.at("texts")) {
    const std::string text = entry.at("text"), name = entry.at("name");
    const std::vector<std::string> references = entry.at("references");
    const auto expect = [&](const char* measure, double value) {
      EXPECT_NEAR(value, entry.at("values").at(measure).get<double>(), kTolerance) << name << ": " << measure;
    };
    expect("bleu 13a", sentence_bleu(text, references));
    expect("bleu char", sentence_bleu(text, references, {BleuTokenizer::character}));
    expect("chrf", sentence_chrf(text, references));
    expect("chrf++", sentence_chrf(text, references, kChrfPlusPlus));
    expect("chrf 3 1", sentence_chrf(text, references, kShortChrf));
  }
}

TEST_F(Sacrebleu, AgreesOnTheCorpus) {
  std::vector<std::string> texts;
  std::vector<std::vector<std::string>> references;
  for (const Json& entry : golden_.at("texts")) {
    texts.push_back(entry.at("text"));
    references.push_back(entry.at("references"));
  }
  const auto expect = [&](const char* measure, double value) {
    EXPECT_NEAR(value, golden_.at("corpus").at(measure).get<double>(), kTolerance) << measure;
  };
  expect("bleu 13a", corpus_bleu(texts, references).score);
  expect("bleu char", corpus_bleu(texts, references, {BleuTokenizer::character}).score);
  expect("chrf", corpus_chrf(texts, references));
  expect("chrf++", corpus_chrf(texts, references, kChrfPlusPlus));
  expect("chrf 3 1", corpus_chrf(texts, references, kShortChrf));
}

}  // namespace
}  // namespace dragoman
