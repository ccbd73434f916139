#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/text/analyzer.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::HasSubstr;

Language lang(const char* tag) { return Language::parse(tag); }

/// By script alone, which knows Korean, Greek, Hebrew, Thai, Chinese. What a model adds is tested with the engine, for
/// the small one of the tests is never sure.
const Analyzer& by_script() {
  static const Analyzer analyzer("multilingual+spans");
  return analyzer;
}

std::filesystem::path tiny() { return test::source_dir() / "tests/golden/fasttext/softmax.bin"; }

/// Words in their order; those of one place together: "trains/train".
std::string words(const std::vector<Token>& tokens) {
  std::string line;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) line += tokens[i].begin == tokens[i - 1].begin && tokens[i].end == tokens[i - 1].end ? '/' : ' ';
    line += tokens[i].text;
  }
  return line;
}

std::string words(std::string_view text, const char* language) {
  return words(by_script().analyze(text, lang(language)));
}

// Korean words are cut into pairs of syllables, Greek ones stemmed without their marks.
TEST(CodeSwitching, AddsWordsAsTheLanguageOfTheirSpanHasThem) {
  EXPECT_EQ(words("The library. 도서관은 연다.", "en"), "the librari 도서관은/도서/서관/관은 연다");
  EXPECT_EQ(words("Библиотека. Οι βιβλιοθήκες.", "ru"), "библиотек οι βιβλιοθήκεσ/βιβλιοθηκ");
  EXPECT_EQ(words("Maktaba: 도서관은", "sw"), "maktaba 도서관은/도서/서관/관은");
}

TEST(CodeSwitching, LeavesTextsInOneLanguageAsTheyAre) {
  const Analyzer plain;
  for (const auto& [language, text] :
       {std::pair("en", "The children were waiting for the trains."), std::pair("ar", "ذهبنا إلى السوق أمس"),
        std::pair("hi", "कल हम बाज़ार गए।"), std::pair("ja", "昨日、市場に行きました。漢字"),
        std::pair("th", "เมื่อวานเราไปตลาด"), std::pair("ru", "Мы купили книги, 12 штук"),
        std::pair("zh", "昨天我们去了市场"), std::pair("sw", "Tulikwenda sokoni jana"),
        std::pair("ko", "도서관은 연다 圖書館"), std::pair("hi-Latn", "yaar mujhe batao kal kya hua"),
        std::pair("sr-Latn", "Gde je voz?"), std::pair("und", "12 34"), std::pair("en", "")}) {
    EXPECT_EQ(by_script().analyze(text, lang(language)), plain.analyze(text, lang(language))) << text;
    EXPECT_EQ(by_script().analyze_query(text, lang(language)), plain.analyze_query(text, lang(language))) << text;
  }
}

TEST(CodeSwitching, KeepsEveryWordThatIsThereWithoutSpans) {
  const Analyzer plain, tiny_model("multilingual+spans", std::make_shared<const LanguageIdentifier>(tiny()));
  const std::string text = "iPhone का battery 도서관은 кошки น้ำอยู่ที่ไหน の 水は βιβλιοθήκες maji yako wapi \xFF 東京都";
  for (const char* language : {"en", "hi", "ko", "ru", "th", "ja", "zh", "el", "sw", "und", "hi-Latn"}) {
    for (const Analyzer* analyzer : {&by_script(), &tiny_model}) {
      const auto all = analyzer->analyze(text, lang(language)), own = plain.analyze(text, lang(language));
      EXPECT_TRUE(std::ranges::is_sorted(all, {}, &Token::begin)) << language;
      for (const Token& token : own)
        EXPECT_EQ(std::ranges::count(all, token), std::ranges::count(own, token)) << language;
      EXPECT_EQ(analyzer->analyze(text, {}, lang(language)), own) << language;
    }
  }
}

// "누가" asks who in no list; "what" does in English. Inside a span its own language decides.
TEST(CodeSwitching, QueriesGoWithoutWordsThatOnlyAskInTheLanguageOfTheirSpan) {
  EXPECT_EQ(words(by_script().analyze_query("what is 도서관은", lang("en"))), "도서관은/도서/서관/관은");
  EXPECT_EQ(words(by_script().analyze_query("library πού", lang("en"))), "librari");
  EXPECT_EQ(words(by_script().analyze_query("πού", lang("en"))), words("πού", "en"));  // Nothing else is there.
}

TEST(CodeSwitching, ExplainsByWhichLanguageAWordWasMade) {
  std::string line;
  for (const ExplainedToken& word : by_script().explain("train βιβλιοθήκες", {}, lang("en"))) {
    line += word.token.text + ":" + word.language.tag() + " ";
  }
  EXPECT_EQ(line, "train:en βιβλιοθηκεσ:en βιβλιοθηκ:el ");
}

TEST(CodeSwitching, StampsWhatFindsTheSpans) {
  const std::string by_no_model = by_script().version();
  EXPECT_THAT(by_no_model, HasSubstr("/spans-1/script"));
  const Analyzer tiny_model("multilingual+spans", std::make_shared<const LanguageIdentifier>(tiny()));
  EXPECT_THAT(tiny_model.version(), testing::ContainsRegex("/spans-1/fasttext-[0-9a-f]{16}$"));
  EXPECT_THAT(Analyzer().version(), testing::Not(HasSubstr("spans")));
  EXPECT_TRUE(Analyzer::finds_spans("multilingual+spans+hunspell"));
  EXPECT_FALSE(Analyzer::finds_spans("icu"));
  EXPECT_THROW(Analyzer::finds_spans("icu+spans"), NotFound);
}

}  // namespace
}  // namespace dragoman
