#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/engine/engine.h"
#include "dragoman/engine/indexer.h"
#include "dragoman/engine/maintenance.h"
#include "dragoman/text/analyzer.h"
#include "engine/engine_support.h"

namespace dragoman {
namespace {

using test::words_only;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// Trained for a blink on de, en, sw, ru, ar, hi, ja and th.
std::string tiny_identifier() { return (test::source_dir() / "tests/golden/fasttext/softmax.bin").string(); }

class CodeSwitchingTest : public testing::Test {
 protected:
  /// Two English documents with a sentence in Korean, whose words are cut into pairs of syllables, and one without.
  IndexOptions options(const char* analyzer, const char* name = "index") const {
    const auto corpus =
        folder_.write("corpus.jsonl", R"({"_id":"library","text":"The library. 도서관은 아홉 시에 연다.","lang":"en"}
{"_id":"station","text":"The station. 정거장은 멀다.","lang":"en"}
{"_id":"plain","text":"The library opens at nine.","lang":"en"}
)");
    IndexOptions options = words_only(corpus, folder(name));
    options.analyzer = analyzer;
    options.identifier = "script";
    return options;
  }
  std::filesystem::path folder(const char* name = "index") const { return folder_.path() / name; }

  std::vector<std::string> find(std::string_view text, const char* language, const char* name = "index") const {
    return test::ids(Engine(folder(name)).search(test::query(std::string(text), language), test::search_words()));
  }

  test::TemporaryFolder folder_;
};

TEST_F(CodeSwitchingTest, FindsAWordOfASpanInAnotherForm) {
  index_corpus(options("multilingual"));
  EXPECT_THAT(find("도서관", "ko"), IsEmpty());
  index_corpus(options("multilingual+spans", "spans"));
  EXPECT_THAT(find("도서관", "ko", "spans"), ElementsAre("library"));
}

TEST_F(CodeSwitchingTest, FindsWhatWasFoundBefore) {
  index_corpus(options("multilingual"));
  index_corpus(options("multilingual+spans", "spans"));
  for (const char* query : {"libraries", "도서관은", "station 정거장은", "nine"}) {
    EXPECT_EQ(find(query, "en"), find(query, "en", "spans")) << query;
    EXPECT_THAT(find(query, "en"), testing::Not(IsEmpty())) << query;
  }
}

TEST_F(CodeSwitchingTest, KeepsTheIdentifierThatSpansWereFoundBy) {
  index_corpus(options("multilingual+spans"));
  EXPECT_EQ(Collection::open(folder()).setting("span_identifier"), "script");
  IndexOptions more = options("");
  more.identifier = tiny_identifier();  // Tells the languages of new documents, not of spans.
  index_corpus(more);
  EXPECT_EQ(Collection::open(folder()).setting("span_identifier"), "script");
  EXPECT_THAT(find("도서관", "ko"), ElementsAre("library"));
  more.rebuild = true;
  index_corpus(more);
  EXPECT_EQ(Collection::open(folder()).setting("span_identifier"), tiny_identifier());
  EXPECT_THAT(find("도서관", "ko"), ElementsAre("library"));
}

TEST_F(CodeSwitchingTest, SegmentsThatAreMadeAgainHaveTheirSpans) {
  index_corpus(options("multilingual+spans"));
  delete_documents(folder(), std::vector<std::string>{"station"});
  EXPECT_EQ(compact_collection(folder()).segments, 1u);
  EXPECT_THAT(find("도서관", "ko"), ElementsAre("library"));
}

TEST_F(CodeSwitchingTest, RefusesSpansOfAnotherIdentifierAndSaysWhatToDo) {
  index_corpus(options("multilingual+spans"));
  Collection::open_for_writing(folder()).set_setting("span_identifier", tiny_identifier());
  EXPECT_THAT([&] { find("nine", "en"); },
              ThrowsMessage<InvalidData>(AllOf(HasSubstr("spans-1/script"), HasSubstr("--rebuild"))));
  Collection::open_for_writing(folder()).set_setting("span_identifier", "no-such-model");
  EXPECT_THAT([&] { find("nine", "en"); }, ThrowsMessage<NotFound>(HasSubstr("no-such-model")));
}

/// Words in their order, by the model that is installed; those of one place together: "trains/train".
class InstalledModelTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_default_identifier({})) GTEST_SKIP() << "needs: dragoman model pull " << kDefaultIdentifier;
    analyzer_ = std::make_unique<Analyzer>("multilingual+spans", open_language_identifier({}, kDefaultIdentifier));
  }

  static std::string joined(const std::vector<Token>& tokens) {
    std::string line;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (i > 0) line += tokens[i].begin == tokens[i - 1].begin && tokens[i].end == tokens[i - 1].end ? '/' : ' ';
      line += tokens[i].text;
    }
    return line;
  }
  std::string words(std::string_view text, const char* language) const {
    return joined(analyzer_->analyze(text, Language::parse(language)));
  }
  std::string query_words(std::string_view text, const char* language) const {
    return joined(analyzer_->analyze_query(text, Language::parse(language)));
  }

  std::unique_ptr<Analyzer> analyzer_;
};

TEST_F(InstalledModelTest, FindsSpansInTheSameScriptAndInOthers) {
  EXPECT_EQ(words("Das Wetter war schlecht. The children were waiting for the trains in the evening.", "de"),
            "das wett war schlecht the childr/children wer/were waiting/wait for the train in the evening/even");
  EXPECT_EQ(words("कल हम बाज़ार गए। The children were waiting for the trains. फिर घर आए।", "hi"),
            "कल हम बाजार ग the children were waiting/wait for the trains/train फिर घर आ");
  EXPECT_EQ(words("The station. Поезда опаздывают каждый день.", "en"),
            "the station поезда/поезд опаздывают/опаздыва каждый/кажд день/ден");
  EXPECT_EQ(words("ذهبنا إلى السوق أمس. The children were waiting for the trains.", "ar"),
            "ذهب الي سوق امس the children were waiting/wait for the trains/train");
}

TEST_F(InstalledModelTest, LeavesNamesToTheLanguageAroundThem) {
  const Analyzer plain;
  for (const auto& [text, language] :
       {std::pair("iPhone 12 Pro стоит дорого", "ru"), std::pair("Er las die New York Times in Berlin.", "de"),
        std::pair("Tulikwenda sokoni jana asubuhi na Michael Jackson.", "sw"),
        std::pair("东京大学 (University of Tokyo) 在日本", "zh")}) {
    EXPECT_EQ(words(text, language), joined(plain.analyze(text, Language::parse(language)))) << text;
  }
}

TEST_F(InstalledModelTest, TakesRomanisedTextInAnUnknownLanguageApartFromEnglish) {
  EXPECT_THAT(words("Yaar mujhe batao, the children were waiting for the trains, फिर घर आए", "und"),
              HasSubstr("waiting/wait for the trains/train"));
}

TEST_F(InstalledModelTest, QueriesThatMixLanguagesLookForBothForms) {
  EXPECT_EQ(query_words("why were the children waiting for the trains कल", "hi"),
            "the children waiting/wait for the trains/train कल");
}

}  // namespace
}  // namespace dragoman
