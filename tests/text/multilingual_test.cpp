#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/text/analyzer.h"
#include "support/test_support.h"
#include "text/analysis/language_rules.h"
#include "text/analysis/pipeline.h"

namespace dragoman {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::ThrowsMessage;

std::vector<std::string> texts(const std::vector<Token>& tokens) {
  std::vector<std::string> out;
  for (const Token& token : tokens) out.push_back(token.text);
  return out;
}

const Analyzer& multilingual() {
  static const Analyzer analyzer;
  return analyzer;
}

std::vector<std::string> words(const std::string& language, std::string_view text) {
  return texts(multilingual().analyze(text, Language::parse(language)));
}

TEST(Multilingual, MakesOneOfTheFormsOfAWord) {
  EXPECT_EQ(words("en", "Libraries opened"), words("en", "library opening"));
  EXPECT_EQ(words("de", "Häuser"), words("de", "Hauses"));
  EXPECT_EQ(words("ru", "книгами"), words("ru", "книга"));
  EXPECT_EQ(words("ar", "المكتبة"), words("ar", "مكتبه"));
  EXPECT_EQ(words("tr", "kitaplarımızda"), words("tr", "kitaplar"));
  EXPECT_EQ(words("el", "δρόμου"), words("el", "δρόμος"));
  EXPECT_EQ(words("ta", "மரத்தில்"), words("ta", "மரம்"));
  EXPECT_EQ(words("hi", "किताबों"), words("hi", "किताबें"));
  EXPECT_EQ(words("fi", "talossa"), words("fi", "talo"));
  EXPECT_EQ(words("cs", "knihovnami"), words("cs", "knihovna"));
}

TEST(Multilingual, TakesEachLanguageByItsOwnRules) {
  // "die" is an article in German and a verb in English; each stemmer knows its own endings.
  EXPECT_NE(words("en", "Wirkungen"), words("de", "Wirkungen"));
  EXPECT_EQ(words("de", "Wirkungen"), words("de", "Wirkung"));
  EXPECT_EQ(words("pt-BR", "livros"), words("pt", "livro"));
  EXPECT_EQ(words("sr-Latn", "knjige"), words("sr", "књиге"));
}

TEST(Multilingual, DoesAsIcuWhereNoLanguageIsKnown) {
  const std::string text = "Die Häuser von İstanbul's 東京都, книги и ภาษาไทย";
  EXPECT_EQ(multilingual().analyze(text), Analyzer("icu").analyze(text));
  EXPECT_EQ(multilingual().analyze(text, Language::parse("und-Latn")), Analyzer("icu").analyze(text));
  EXPECT_EQ(multilingual().analyze(text, Language::parse("sm")), Analyzer("icu").analyze(text));
}

TEST(Multilingual, FoldsWhatALanguageWritesInSeveralWays) {
  EXPECT_EQ(words("fa", "كتابي"), words("fa", "کتابی"));
  EXPECT_EQ(words("ur", "كتابيں"), words("ur", "کتابیں"));
  EXPECT_EQ(words("ru", "ёлка"), words("ru", "елка"));
  EXPECT_EQ(words("hi", "क़लम"), words("hi", "कलम"));
  EXPECT_EQ(words("zh", "漢語"), words("zh", "汉语"));
  EXPECT_EQ(words("zh-Hant", "圖書館"), words("zh", "图书馆"));
  EXPECT_EQ(words("ro", "științe"), words("ro", "ştiinţe"));  // Comma below, and the cedilla of old keyboards.
  EXPECT_EQ(words("vi", "hoà quý"), words("vi", "hòa quý"));
  EXPECT_EQ(words("fr", "crème"), words("fr", "creme"));
  EXPECT_EQ(words("tr", "IŞIK"), words("tr", "ışık"));
  EXPECT_EQ(words("tr", "İSTANBUL"), words("tr", "istanbul"));
}

TEST(Multilingual, LeavesLettersApartThatAreDifferent) {
  EXPECT_NE(words("sv", "får"), words("sv", "far"));    // Sheep, father.
  EXPECT_NE(words("vi", "ma"), words("vi", "mà"));      // Ghost, but.
  EXPECT_NE(words("uk", "ґніт"), words("uk", "гніт"));  // Wick, oppression.
}

TEST(Multilingual, CutsKoreanWordsIntoPairsOfSyllables) {
  EXPECT_THAT(words("ko", "도서관에서 물"), ElementsAre("도서", "서관", "관에", "에서", "물"));
  const auto tokens = multilingual().analyze("도서관", Language::parse("ko"));
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens[1], (Token{"서관", 0, 9}));  // Each stands where the word does.
}

TEST(Multilingual, LeavesLatinWordsAmongOthersWhole) {
  EXPECT_THAT(words("ko", "Samsung 전자"), ElementsAre("samsung", "전자"));
  EXPECT_THAT(words("ka", "Wikipedia ვიკიპედიაში"), ElementsAre("wikipedia", "ვიკიპ"));
}

TEST(Multilingual, KeepsNumbersWhole) {
  EXPECT_THAT(words("cs", "1234567 ISBN978"), ElementsAre("1234567", "isbn978"));
}

TEST(Multilingual, QueriesGoWithoutWordsThatOnlyAsk) {
  const auto query = [](const char* language, std::string_view text) {
    return texts(multilingual().analyze_query(text, Language::parse(language)));
  };
  EXPECT_THAT(query("en", "Who was Darwin?"), ElementsAre("darwin"));
  EXPECT_THAT(query("ru", "Кто такой Дарвин?"), Not(Contains("кто")));
  EXPECT_THAT(query("de", "Wer war Darwin?"), ElementsAre("darwin"));
  EXPECT_THAT(query("en", "The Who?"), ElementsAre("the"));
  EXPECT_THAT(query("en", "Who?"), ElementsAre("who"));  // There is nothing else to look for.
  EXPECT_THAT(words("en", "Who was Darwin?"), ElementsAre("who", "was", "darwin"));
}

TEST(Multilingual, LooksInOtherLanguagesForEachFormThatTheyMakeOfAWord) {
  const auto english = Language::parse("en"), german = Language::parse("de");
  ASSERT_THAT(words("en", "Communications"), ElementsAre("communic"));
  ASSERT_THAT(words("de", "Communications"), ElementsAre("communication"));
  const std::vector<Language> documents = {german};
  const auto tokens = multilingual().analyze_query("Where are Communications?", english, documents);
  EXPECT_THAT(texts(tokens), ElementsAre("communic", "communication"));
  EXPECT_EQ(tokens[0].begin, tokens[1].begin);
  // Rules of the query's own language add nothing.
  EXPECT_THAT(texts(multilingual().analyze_query("Communications", english, std::vector{english})),
              ElementsAre("communic"));
  // A word that stands twice counts twice.
  EXPECT_THAT(texts(multilingual().analyze_query("Kyiv Kyiv", english, documents)), ElementsAre("kyiv", "kyiv"));
}

TEST(Multilingual, TakesSpansByTheirOwnLanguages) {
  const std::string text = "Meri libraries बहुत किताबें";
  const std::vector<LanguageSpan> spans = {{{5, 14}, Language::parse("en"), "Latn", 1},
                                           {{15, text.size()}, Language::parse("hi"), "Deva", 1}};
  const auto tokens = multilingual().analyze(text, spans, Language::parse("hi-Latn"));
  EXPECT_THAT(texts(tokens), ElementsAre("meri", "librari", words("hi", "बहुत")[0], words("hi", "किताबें")[0]));
  EXPECT_EQ(tokens[1], (Token{"librari", 5, 14}));
  EXPECT_EQ(text.substr(tokens[3].begin, tokens[3].end - tokens[3].begin), "किताबें");
}

TEST(Multilingual, RefusesSpansThatLeaveTheText) {
  const auto analyze = [](std::vector<LanguageSpan> spans) {
    return [spans] { multilingual().analyze("chai", spans); };
  };
  EXPECT_THAT(analyze({{{2, 9}, Language::parse("sw"), "", 1}}),
              ThrowsMessage<InvalidArgument>("span [2, 9) of sw is out of order or leaves the text of 4 bytes"));
  EXPECT_THAT(analyze({{{2, 3}, {}, "", 1}, {{0, 2}, {}, "", 1}}), ThrowsMessage<InvalidArgument>(HasSubstr("[0, 2)")));
}

TEST(Multilingual, ExplainsEveryStep) {
  const auto explained = multilingual().explain("Häuser", {}, Language::parse("de"));
  ASSERT_EQ(explained.size(), 1u);
  EXPECT_EQ(explained[0].token, (Token{"haus", 0, 7}));
  EXPECT_EQ(explained[0].language.tag(), "de");
  EXPECT_THAT(explained[0].steps, ElementsAre(AnalysisStep{"fold", "häuser"}, AnalysisStep{"stem", "haus"}));
}

TEST(Multilingual, RulesNameWhatExistsAndSayWhy) {
  for (const LanguageRules& rules : all_language_rules()) {
    const Pipeline pipeline(rules);  // Throws if libstemmer lacks the algorithm.
    EXPECT_EQ(rules.reason.empty(), rules.languages.empty()) << rules.languages;
  }
  std::set<std::string> seen;
  for (const AnalysisRules& rules : Analyzer::language_rules()) {
    for (const std::string& tag : rules.languages) {
      EXPECT_EQ(Language::parse(tag).primary(), tag) << "never asked for: the language is known by another tag";
      EXPECT_TRUE(seen.insert(tag).second) << tag << " is in two rows";
    }
  }
}

TEST(Multilingual, RemembersWordsWithoutChangingThem) {
  // Words of few letters meet in the same places of the memory again and again.
  std::mt19937 random(7);
  std::vector<Language> languages;
  for (const char* tag : {"en", "de", "ru", "tr", "cs", "hi"}) languages.push_back(Language::parse(tag));
  const std::vector<std::string> letters = {"a", "e", "ing", "s", "Ü", "ı", "и", "ы", "क", "ी", "lar", "1"};
  for (int round = 0; round < 20'000; ++round) {
    std::string word;
    for (std::size_t i = 1 + random() % 5; i > 0; --i) word += letters[random() % letters.size()];
    const Language& language = languages[random() % languages.size()];
    const auto remembered = multilingual().analyze(word, language);
    std::string spelled_out;
    for (const ExplainedToken& token : multilingual().explain(word, {}, language)) {
      spelled_out += token.steps.back().text;
    }
    std::string together;
    for (const Token& token : remembered) together += token.text;
    ASSERT_EQ(together, spelled_out) << word << " in " << language.tag();
  }
}

TEST(Multilingual, GivesTheSameFromManyThreads) {
  const std::string text = "Kitaplarımız kütüphanede; библиотеки закрываются, libraries are closing, مكتبات المدينة";
  const auto language = Language::parse("ru");
  const auto expected = multilingual().analyze(text, language);
  std::vector<std::thread> threads;
  std::vector<int> same(4, 0);
  for (int& count : same) {
    threads.emplace_back([&] {
      const Analyzer own;
      for (int i = 0; i < 100; ++i) {
        count += multilingual().analyze(text, language) == expected && own.analyze(text, language) == expected;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(same, testing::Each(100));
}

TEST(CamelCase, AddsTheParts) {
  const Analyzer analyzer("multilingual+camel_case");
  const auto tokens = analyzer.analyze("getHTTPResponse iPhone McDonald ALL low", Language::parse("sm"));
  EXPECT_THAT(texts(tokens), ElementsAre("gethttpresponse", "get", "http", "response", "iphone", "i", "phone",
                                         "mcdonald", "mc", "donald", "all", "low"));
  EXPECT_EQ(tokens[2], (Token{"http", 3, 7}));
}

TEST(Whitespace, LeavesWordsAsTheyAre) {
  const Analyzer analyzer("whitespace");
  EXPECT_THAT(texts(analyzer.analyze("Ünal's  C++\t漢語 dépêche-toi!\u3000x\n")),
              ElementsAre("Ünal's", "C++", "漢語", "dépêche-toi!", "x"));
  EXPECT_EQ(analyzer.analyze(" ab")[0], (Token{"ab", 1, 3}));
  EXPECT_THAT(analyzer.analyze(" \n"), IsEmpty());
  EXPECT_THAT(texts(analyzer.analyze(std::string(300, 'x'))), ElementsAre(std::string(256, 'x'), std::string(44, 'x')));
  EXPECT_THAT(texts(analyzer.analyze("a\xFF"
                                     "b",
                                     Language::parse("en"))),
              ElementsAre("ab"));
}

/// A dictionary of a few words, found through DICPATH.
class DictionaryTest : public testing::Test {
 protected:
  DictionaryTest() {
    write("de_DE.aff", "SET UTF-8\nSFX P Y 1\nSFX P 0 er .\n");
    write("de_DE.dic", "5\nHaus\nBahn\nHäus/P\nStraße\nArbeit\nZimmer\n");
    setenv("DICPATH", folder_.path().c_str(), 1);
  }
  ~DictionaryTest() override { unsetenv("DICPATH"); }

  void write(const char* name, const char* text) { std::ofstream(folder_.path() / name) << text; }

  test::TemporaryFolder folder_;
};

TEST_F(DictionaryTest, TakesCompoundsApart) {
  const Analyzer analyzer("multilingual+compounds");
  const auto tokens = analyzer.analyze("Arbeitszimmer Straßenlampe", Language::parse("de"));
  // "s" links the two; a lamp is not in the dictionary, so the street stays with it.
  EXPECT_THAT(texts(tokens), ElementsAre("arbeitszimm", "arbeit", "zimm", "strassenlamp"));
  EXPECT_EQ(tokens[1], (Token{"arbeit", 0, 13}));
  EXPECT_THAT(texts(analyzer.analyze("Arbeitszimmer", Language::parse("en"))), testing::SizeIs(1));
}

TEST_F(DictionaryTest, TakesLemmasInPlaceOfStems) {
  const Analyzer analyzer("multilingual+hunspell");
  EXPECT_THAT(texts(analyzer.analyze("Häuser Katzen", Language::parse("de"))),
              ElementsAre("häus", "katz"));  // What the dictionary lacks is stemmed.
}

TEST_F(DictionaryTest, IsPartOfTheVersion) {
  const std::string before = Analyzer("multilingual+hunspell").version();
  EXPECT_THAT(before, HasSubstr("multilingual+hunspell-"));
  EXPECT_THAT(before, HasSubstr("/de_DE:"));
  write("de_DE.dic", "1\nHaus\n");
  EXPECT_NE(Analyzer("multilingual+hunspell").version(), before);
  EXPECT_THAT(Analyzer().version(), Not(HasSubstr("de_DE")));
}

}  // namespace
}  // namespace dragoman
