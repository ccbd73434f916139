#include "dragoman/retrieve/translated_retriever.h"

#include <gmock/gmock.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/translate/table_set.h"
#include "retrieve/lexical_documents.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

/// Documents in four languages; tables from English to Swahili and to Chinese, none to Arabic.
/// Says "bank" and "river" in Arabic, and nothing else; serves no other pair.
class ArabicTranslator final : public QueryTranslator {
 public:
  std::string route(const Language& from, const Language& to) const override {
    return from.primary() == "en" && to.primary() == "ar" ? "fake:en-ar" : "";
  }
  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language&,
                                                    const Language&) override {
    std::vector<std::optional<std::string>> said;
    for (const std::string& text : texts) {
      said.push_back(text == "river" ? std::optional<std::string>("النهر") : std::nullopt);
    }
    return said;
  }
};

class TranslatedRetrieverTest : public testing::Test {
 protected:
  TranslatedRetrieverTest() : analyzer_(std::make_shared<Analyzer>()) {
    const std::vector<std::pair<const char*, const char*>> documents = {
        {"en", "the river bank"},        {"sw", "benki benki pesa"}, {"sw-KE", "ukingo mto mto"},
        {"sw", "pesa kwa Lovelace leo"}, {"zh", "银行在河边"},       {"ar", "ضفة النهر bank"}};
    const LexicalDocuments made = make_lexical_documents(documents, analyzer_, folder_.path() / "a.seg");
    index_ = made.index;
    documents_ = made.documents;
    native_ = make_bm25_retriever(index_, documents_, {}, 1);
    write("sw", {{"benki", "benki"}, {"ukingo", "ukingo"}, {"mto", "mto"}}, {{{0, 0.75}, {1, 0.25}}, {{2, 1}}});
    write("zh", {{"银行", "银行"}, {"河", "河"}}, {{{0, 1}}, {{1, 1}}});
    tables_ = std::make_shared<TableSet>(std::vector{folder_.path()});
  }

  /// A table of "bank" and "river".
  void write(const char* to, std::vector<TableWord> targets, std::vector<std::vector<TableContent::Cell>> rows) {
    const Language english = Language::parse("en"), language = Language::parse(to);
    write_translation_table(folder_.path() / table_name(english, language),
                            {.from = english, .to = language, .analyzer = analyzer_->version(), .sources = {}},
                            {{{"bank", "bank"}, {"river", "river"}}, std::move(targets), std::move(rows)});
  }

  RetrievedList search(const std::string& text, const char* language = "en",
                       const std::vector<std::uint8_t>& allowed = {}, std::size_t depth = 10) const {
    const auto retriever = make_translated_retriever({.native_search = native_,
                                                      .index = index_,
                                                      .documents = documents_,
                                                      .tables = tables_,
                                                      .translator = translator_,
                                                      .options = {},
                                                      .threads = 1});
    const Query query{.id = "q", .text = text, .language = Language::parse(language)};
    return retriever->search(std::vector{query}, depth, allowed).at(0);
  }

  test::TemporaryFolder folder_;
  std::shared_ptr<const Analyzer> analyzer_;
  std::shared_ptr<const AnalyzedDocuments> documents_;
  std::shared_ptr<const Bm25Index> index_;
  std::shared_ptr<const Retriever> native_;
  std::shared_ptr<const TableSet> tables_;
  std::shared_ptr<QueryTranslator> translator_;
};

TEST_F(TranslatedRetrieverTest, FindsDocumentsOfEachLanguageByItsTable) {
  // Found by itself in English and Arabic, by its translations in Swahili, with a region as without, and Chinese.
  EXPECT_THAT(numbers(search("bank")), testing::UnorderedElementsAre(0, 1, 2, 4, 5));
  EXPECT_THAT(numbers(search("river")), testing::UnorderedElementsAre(0, 2, 4));
  EXPECT_THAT(search("bank").translations, SizeIs(2));
  // There is no table from Swahili.
  EXPECT_THAT(numbers(search("benki", "sw")), ElementsAre(1));
  EXPECT_THAT(search("benki", "sw").translations, IsEmpty());
}

TEST_F(TranslatedRetrieverTest, AsksATranslatorWhereNoTableLeads) {
  EXPECT_THAT(numbers(search("river")), testing::UnorderedElementsAre(0, 2, 4));
  translator_ = std::make_shared<ArabicTranslator>();
  const RetrievedList river = search("river");
  EXPECT_THAT(numbers(river), testing::UnorderedElementsAre(0, 2, 4, 5));
  ASSERT_THAT(river.translations, SizeIs(3));
  EXPECT_EQ(river.translations[2].by, "fake:en-ar");
  EXPECT_EQ(river.translations[2].text, "النهر");
  // All words of a question, in full, are worth the same in every language.
  EXPECT_GT(river.documents[0].score, 0);
  // It has no translation for this one: the word is looked for as it is written.
  const RetrievedList bank = search("bank");
  EXPECT_THAT(numbers(bank), testing::UnorderedElementsAre(0, 1, 2, 4, 5));
  EXPECT_EQ(bank.translations[2].text, "");
}

TEST_F(TranslatedRetrieverTest, CountsExpectedFrequencies) {
  const RetrievedList list = search("bank", "en", {0, 1, 1, 1, 0, 0});
  ASSERT_THAT(numbers(list), ElementsAre(1, 2));
  // Three Swahili documents, of 3, 3 and 4 words; benki is in one, and so is ukingo.
  const double df = 0.75 + 0.25, idf = std::log(1 + (3 - df + 0.5) / (df + 0.5));
  const double norm = 0.9 * (1 - 0.4 + 0.4 * 3 / (10.0 / 3));
  const double full = idf / (1 + 0.9);
  // On the scale of the query's own language.
  const double scale = static_cast<double>(list.full_score) / full;
  EXPECT_NEAR(list.documents[0].score, scale * idf * 1.5 / (1.5 + norm), 1e-3);
  EXPECT_NEAR(list.documents[1].score, scale * idf * 0.25 / (0.25 + norm), 1e-3);
  EXPECT_FLOAT_EQ(list.full_score,
                  native_->search(std::vector{Query{"q", "bank", Language::parse("en")}}, 1, {})[0].full_score);
}

TEST_F(TranslatedRetrieverTest, LooksForUnknownWordsAsTheyAreWritten) {
  const RetrievedList list = search("Lovelace", "en", {0, 1, 1, 1, 1, 0});
  EXPECT_THAT(numbers(list), ElementsAre(3));
  ASSERT_THAT(list.translations, SizeIs(2));
  ASSERT_THAT(list.translations[0].words, SizeIs(1));
  EXPECT_THAT(list.translations[0].words[0].translations, IsEmpty());
}

TEST_F(TranslatedRetrieverTest, SaysWhatItMadeOfWords) {
  const RetrievedList list = search("river bank bank");
  ASSERT_THAT(list.translations, SizeIs(2));
  EXPECT_EQ(list.translations[0].to, Language::parse("sw"));
  EXPECT_EQ(list.translations[0].by, "lexicon");
  ASSERT_THAT(list.translations[0].words, SizeIs(2));
  EXPECT_EQ(list.translations[0].words[0].word, "bank");
  EXPECT_EQ(list.translations[0].words[0].translations[0].word, "benki");
  EXPECT_NEAR(list.translations[0].words[0].translations[0].share, 0.75, 1e-3);
}

TEST_F(TranslatedRetrieverTest, ReturnsOnlyWhatIsAllowed) {
  EXPECT_THAT(numbers(search("bank", "en", {0, 0, 0, 0, 1, 0})), ElementsAre(4));
  EXPECT_THAT(numbers(search("bank", "en", {1, 0, 0, 0, 0, 0})), ElementsAre(0));
  EXPECT_THAT(search("bank", "en", {}, 2).documents, SizeIs(2));
}

TEST_F(TranslatedRetrieverTest, RefusesTablesOfOtherWords) {
  write_translation_table(
      folder_.path() / "en-ar.table",
      {.from = Language::parse("en"), .to = Language::parse("ar"), .analyzer = "icu-9", .sources = {}},
      {{{"bank", "bank"}}, {{"ضفة", "ضفة"}}, {{{0, 1}}}});
  tables_ = std::make_shared<TableSet>(std::vector{folder_.path()});
  EXPECT_THAT([&] { search("bank"); }, ThrowsMessage<InvalidData>(HasSubstr("en-ar.table: its words were made by")));
}

}  // namespace
}  // namespace dragoman
