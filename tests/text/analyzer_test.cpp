#include "dragoman/text/analyzer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::ThrowsMessage;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const Token& token : Analyzer("icu").analyze(text)) out.push_back(token.text);
  return out;
}

TEST(Analyzer, KnowsThreeNamesAndTheirOptions) {
  for (const char* name : {"lucene", "icu+hunspell", "multilingual+", "multilingual+stems", ""}) {
    EXPECT_THAT([&] { Analyzer{name}; },
                ThrowsMessage<NotFound>("there is no analyzer '" + std::string(name) +
                                        "'; the known ones are 'multilingual' (with +camel_case, +compounds, "
                                        "+hunspell or +spans behind it), 'icu' and 'whitespace'"));
  }
  EXPECT_EQ(Analyzer().name(), "multilingual");
  EXPECT_EQ(Analyzer("multilingual+compounds+camel_case").name(), "multilingual+camel_case+compounds");
  EXPECT_EQ(Analyzer("multilingual+spans+camel_case").name(), "multilingual+camel_case+spans");
}

TEST(Analyzer, StampsItsVersionAndIcus) {
  EXPECT_THAT(Analyzer("icu").version(), MatchesRegex("icu-1/[0-9]+\\.[0-9]+"));
}

TEST(Analyzer, FindsNothingInAnEmptyText) {
  EXPECT_THAT(words(""), IsEmpty());
  EXPECT_THAT(words({}), IsEmpty());
  EXPECT_THAT(words(" \t\n\u3000"), IsEmpty());
}

TEST(Analyzer, FoldsCaseAndDropsPunctuation) {
  EXPECT_THAT(words("Habari ya asubuhi, Rafiki!"), ElementsAre("habari", "ya", "asubuhi", "rafiki"));
  EXPECT_THAT(words("«Доброе УТРО», — сказал он."), ElementsAre("доброе", "утро", "сказал", "он"));
  EXPECT_THAT(words("ΟΔΟΣ Straße"), ElementsAre("οδοσ", "strasse"));
}

TEST(Analyzer, GivesByteRangesOfTheOriginal) {
  EXPECT_THAT(Analyzer("icu").analyze("Où ÊTRE?"), ElementsAre(Token{"où", 0, 3}, Token{"être", 4, 9}));
  EXPECT_THAT(Analyzer("icu").analyze("(ﬁn)"), ElementsAre(Token{"fin", 1, 5}));
}

TEST(Analyzer, SplitsScriptsWithoutSpacesByDictionary) {
  EXPECT_THAT(words("ภาษาไทยง่าย"), ElementsAre("ภาษา", "ไทย", "ง่าย"));
  EXPECT_THAT(words("ພາສາລາວ"), ElementsAre("ພາສາ", "ລາວ"));
}

TEST(Analyzer, GivesCharactersAndPairsOfChineseAndJapanese) {
  EXPECT_THAT(words("北京大学"), ElementsAre("北", "北京", "京", "京大", "大", "大学", "学"));
  EXPECT_THAT(words("東京に"), ElementsAre("東", "東京", "京", "京に", "に"));
  EXPECT_THAT(words("猫"), ElementsAre("猫"));
}

TEST(Analyzer, PairsOverlapInTheOriginal) {
  EXPECT_THAT(Analyzer("icu").analyze("a東京"),
              ElementsAre(Token{"a", 0, 1}, Token{"東", 1, 4}, Token{"東京", 1, 7}, Token{"京", 4, 7}));
}

TEST(Analyzer, MakesNoPairsAcrossPunctuationOrOtherScripts) {
  EXPECT_THAT(words("東、京"), ElementsAre("東", "京"));
  EXPECT_THAT(words("令和6年5月"), ElementsAre("令", "令和", "和", "6", "年", "5", "月"));
}

TEST(Analyzer, CutsAQuestionLikeItsDocument) {
  // A dictionary may see 研究生 (a graduate student) in one text and 研究 (to study) in the other; pairs cannot differ.
  const auto document = words("他正在研究生命的起源");
  for (const std::string& word : words("研究生命")) EXPECT_THAT(document, testing::Contains(word));
}

TEST(Analyzer, ReadsHalfWidthKanaAndFullWidthLettersAsUsualOnes) {
  EXPECT_EQ(words("ｶﾞｯﾂ"), words("ガッツ"));
  EXPECT_EQ(words("ＡＢＣ１２"), words("abc12"));
}

TEST(Analyzer, KeepsMarksWithTheirLetters) {
  EXPECT_THAT(words("सर्वोच्च न्यायालय"), ElementsAre("सर्वोच्च", "न्यायालय"));
  EXPECT_THAT(words("e\u0301te\u0301"), ElementsAre("été"));
}

TEST(Analyzer, CutsAtEveryKindOfApostrophe) {
  EXPECT_THAT(words("İstanbul'da"), ElementsAre("istanbul", "da"));
  EXPECT_THAT(words("l’homme"), ElementsAre("l", "homme"));
  EXPECT_THAT(words("п\u02BCять"), ElementsAre("п", "ять"));
  EXPECT_THAT(words("'quoted'"), ElementsAre("quoted"));
}

TEST(Analyzer, ReadsTheFourTurkishLettersIAsOne) { EXPECT_EQ(words("IRAK İnsan"), words("ırak insan")); }

TEST(Analyzer, ReadsDecimalDigitsOfAllScriptsAsOurs) {
  EXPECT_THAT(words("١٩٩٠ १९९० ๑๙๙๐ 1990"), ElementsAre("1990", "1990", "1990", "1990"));
  EXPECT_THAT(words("3.14"), ElementsAre("3.14"));
}

TEST(Analyzer, RemovesTatweelAndVowelSigns) {
  EXPECT_EQ(words("الـــسَّلامُ"), words("السلام"));
  EXPECT_EQ(words("שָׁלוֹם"), words("שלום"));
  EXPECT_THAT(words("ـــ"), IsEmpty());
}

TEST(Analyzer, RemovesJoinersAndSoftHyphens) {
  EXPECT_THAT(words("می\u200Cخواهم"), ElementsAre("میخواهم"));
  EXPECT_THAT(words("co\u00ADoperate"), ElementsAre("cooperate"));
}

TEST(Analyzer, KeepsEmojiAndSymbols) {
  EXPECT_THAT(words("I ❤️ 🇩🇪!"), ElementsAre("i", "❤", "🇩🇪"));
  EXPECT_THAT(words("C++"), ElementsAre("c", "+", "+"));
  EXPECT_THAT(words("5€"), ElementsAre("5", "€"));
}

TEST(Analyzer, SplitsACodeSwitchedText) {
  EXPECT_THAT(words("Yaar, मुझे iPhone का battery"), ElementsAre("yaar", "मुझे", "iphone", "का", "battery"));
}

TEST(Analyzer, TrimsUnderscores) { EXPECT_THAT(words("__init__ a_b ___"), ElementsAre("init", "a_b")); }

TEST(Analyzer, ReadsASignForAPhraseAsItsWords) {
  const auto tokens = Analyzer("icu").analyze("\uFDFA");
  ASSERT_EQ(tokens.size(), 4u);
  EXPECT_EQ(tokens[1], (Token{"الله", 0, 3}));
  EXPECT_THAT(words("㈱"), ElementsAre("株"));
}

TEST(Analyzer, DropsIllFormedBytes) {
  EXPECT_THAT(words("ab \xFF\xFE cd\xC3"), ElementsAre("ab", "cd"));
  EXPECT_THAT(words("\uFFFD"), IsEmpty());
}

TEST(Analyzer, GivesSoundTokensOfAnyBytes) {
  const std::vector<std::string> pieces = {"a",      "'",      "東",   "ｶ",    "ﾞ",    "ก",        "ำ",     "\u0301",
                                           "\u200D", "\uFDFA", "😀",    " ",    "(",    "_",        "İ",     "ـ",
                                           "١",      "#",      "\xE3", "\x81", "\xFF", "\xF0\x9F", "\uFE0F"};
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t i = random() % 40; i > 0; --i) text += pieces[random() % pieces.size()];
    std::size_t begin = 0;
    for (const Token& token : Analyzer("icu").analyze(text)) {
      ASSERT_TRUE(!token.text.empty() && find_invalid_utf8(token.text) == std::string::npos) << printable(text, 500);
      ASSERT_TRUE(begin <= token.begin && token.begin < token.end && token.end <= text.size()) << printable(text, 500);
      begin = token.begin;
    }
  }
}

TEST(Analyzer, CutsAHugeWordInLinearTime) {
  for (const std::string unit : {"a", "é", "ب", "ก", "漢", "क्", "\u0301", "a'", "\uFDFA"}) {
    std::string text;
    while (text.size() < (std::size_t{1} << 20)) text += unit;
    const auto begin = std::chrono::steady_clock::now();
    const auto tokens = Analyzer("icu").analyze(text);
    // A quadratic split takes minutes; a linear one, a fraction of a second.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << unit;
    EXPECT_GE(tokens.size(), text.size() / 256);
    for (const Token& token : tokens) {
      ASSERT_TRUE(!token.text.empty() && token.text.size() <= Analyzer::kMaxTokenBytes) << unit;
      ASSERT_EQ(find_invalid_utf8(token.text), std::string::npos) << unit;
    }
  }
}

TEST(Analyzer, CutsAHugeWordBeforeALetterNotBeforeItsMark) {
  std::string text = "x";
  while (text.size() < 1000) text += "क\u093F";
  for (const Token& token : Analyzer("icu").analyze(text)) EXPECT_NE(token.text.substr(0, 3), "\u093F");
}

TEST(Analyzer, GivesTheSameFromManyThreads) {
  const Analyzer analyzer("icu");
  const std::string text = "ภาษาไทยง่าย 東京 Yaar, मुझे iPhone का battery بطارية";
  const auto expected = analyzer.analyze(text);
  std::vector<std::thread> threads;
  std::vector<int> same(4, 0);
  for (int& count : same) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) count += analyzer.analyze(text) == expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(same, testing::Each(200));
}

}  // namespace
}  // namespace dragoman
