#include "engine/rerank_translations.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/engine/rerank_texts.h"
#include "dragoman/translate/learn_table.h"
#include "dragoman/translate/table_set.h"
#include "rerank/shown_text.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// Notes what it is shown, and leaves the order as it is.
class Witness final : public Reranker {
 public:
  Witness(ShownText passages, std::vector<std::string>& seen) : passages_(passages), seen_(seen) {}

  RerankResult rerank(const Query& query, std::span<const Candidate> candidates) override {
    seen_.push_back(query.text);
    RerankResult result;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      seen_.push_back(reranking::shown_text(candidates[i], passages_));
      result.order.push_back({i, -static_cast<float>(i)});
    }
    return result;
  }

 private:
  ShownText passages_;
  std::vector<std::string>& seen_;
};

class ShownTranslationsTest : public testing::Test {
 protected:
  void SetUp() override {
    // Tables beside the models: Swahili and German, word by word.
    engine_.models = folder_.path() / "models";
    LearnOptions learn;
    learn.from = Language::parse("sw");
    learn.to = Language::parse("de");
    learn.lexicons = {folder_.write("sw-de.tsv", "chai\tTee\nmoto\theiß\npaka\tKatze\n").string()};
    learn.into = default_table_folder(engine_.models);
    learn.threads = 1;
    learn_translation_tables(learn);
  }

  /// Query and passages as a reranker sees them.
  std::vector<std::string> shown(const RerankOptions& options, const Query& query) {
    std::vector<std::string> seen;
    const auto reranker = with_translations(std::make_unique<Witness>(options.passages, seen), options,
                                            std::make_shared<ShownTranslations>(options.translations, engine_));
    report_ = reranker->rerank(query, candidates_).report;
    return seen;
  }

  static Candidate candidate(std::string id, std::string_view language, std::string text) {
    Candidate made;
    made.id = std::move(id);
    made.text = std::move(text);
    made.language = Language::parse(language);
    return made;
  }

  static Query asked() {
    Query query;
    query.id = "q1";
    query.text = "Was ist Tee?";
    query.language = Language::parse("de");
    return query;
  }

  test::TemporaryFolder folder_;
  EngineOptions engine_;
  RerankReport report_;
  std::vector<Candidate> candidates_ = {candidate("sw", "sw", "chai moto"), candidate("de", "de", "Tee ist heiß."),
                                        candidate("ja", "ja", "お茶は飲み物です。"),
                                        candidate("hi", "hi", "चाय एक पेय है।")};
};

TEST_F(ShownTranslationsTest, PassagesAreSaidInTheLanguageOfTheQuery) {
  RerankOptions options;
  options.passages = ShownText::translated;
  // Nobody translates Japanese and Hindi here: they stay, and are counted. German needs no translation.
  EXPECT_THAT(shown(options, asked()),
              ElementsAre("Was ist Tee?", "Tee heiß", "Tee ist heiß.", "お茶は飲み物です。", "चाय एक पेय है।"));
  EXPECT_EQ(report_.untranslated, 2u);
  options.passages = ShownText::both;
  EXPECT_EQ(shown(options, asked())[1], "chai moto [Tee heiß]");
  options.translations.translator = "none";
  EXPECT_EQ(shown(options, asked())[1], "chai moto");
  EXPECT_EQ(report_.untranslated, 3u);
}

TEST_F(ShownTranslationsTest, GivenOnesComeFirst) {
  RerankOptions options;
  options.passages = ShownText::translated;
  options.translations.passages =
      folder_
          .write("german.jsonl", R"({"_id": "ja", "title": "Tee", "text": "Tee ist ein Getränk."})"
                                 "\n"
                                 R"({"_id": "sw", "text": "Heißer Tee."})"
                                 "\n")
          .string();
  candidates_[3].translation = "Tee ist ein Getränk (Hindi).";  // From the document's own metadata.
  const auto seen = shown(options, asked());
  EXPECT_THAT(seen, ElementsAre("Was ist Tee?", "Heißer Tee.", "Tee ist heiß.", HasSubstr("Tee ist ein Getränk."),
                                "Tee ist ein Getränk (Hindi)."));
  EXPECT_EQ(report_.untranslated, 0u);
}

TEST_F(ShownTranslationsTest, QueriesCanBeSaidInAnotherLanguageToo) {
  RerankOptions options;
  options.query_text = ShownText::translated;
  options.translations.into = "sw";
  Query query = asked();
  query.text = "Tee Katze";
  EXPECT_EQ(shown(options, query)[0], "chai paka");
  options.query_text = ShownText::both;
  EXPECT_EQ(shown(options, query)[0], "Tee Katze [chai paka]");
  options.translations.queries = folder_.write("topics.tsv", "q1\tchai ni nini?\n").string();
  EXPECT_EQ(shown(options, query)[0], "Tee Katze [chai ni nini?]");
  // Passages follow the query into its language: German ones are translated now, Swahili ones stay.
  options.passages = ShownText::translated;
  candidates_[1].text = "Katze";
  const auto seen = shown(options, query);
  EXPECT_EQ(seen[1], "chai moto");
  EXPECT_EQ(seen[2], "paka");
}

TEST_F(ShownTranslationsTest, OnlyWhatIsReadIsTranslated) {
  RerankOptions options;
  options.passages = ShownText::translated;
  options.depth = 3;
  shown(options, asked());
  EXPECT_EQ(report_.untranslated, 1u);
}

TEST_F(ShownTranslationsTest, LanguagesThatNobodySaidAreToldFromTheText) {
  RerankOptions options;
  options.passages = ShownText::translated;
  candidates_ = {candidate("ja", "und", "お茶は飲み物です。")};
  EXPECT_EQ(shown(options, asked()).size(), 2u);
  EXPECT_EQ(report_.untranslated, 1u);  // Not German, that much the script tells.
}

TEST_F(ShownTranslationsTest, OfMetadataAreTextsOfAField) {
  RerankOptions options;
  options.passages = ShownText::both;
  options.translations.passages = "metadata:english";
  EXPECT_EQ(translation_in(options, R"({"english": "Tea is a drink.", "year": 2020})"), "Tea is a drink.");
  EXPECT_EQ(translation_in(options, R"({"year": 2020})"), "");
  options.translations.passages = "metadata:year";
  EXPECT_EQ(translation_in(options, R"({"year": 2020})"), "");
  options.passages = ShownText::original;
  EXPECT_EQ(translation_in(options, R"({"english": "Tea"})"), "");
}

TEST_F(ShownTranslationsTest, RefuseFilesThatAreNone) {
  TranslationSources sources;
  sources.passages = "nowhere.jsonl";
  EXPECT_THROW(ShownTranslations(sources, engine_), NotFound);
  sources.passages = folder_.write("bad.jsonl", "{\"_id\": \"a\"}\n").string();
  EXPECT_THAT([&] { ShownTranslations(sources, engine_); }, ThrowsMessage<InvalidData>(HasSubstr("bad.jsonl:1")));
}

}  // namespace
}  // namespace dragoman
