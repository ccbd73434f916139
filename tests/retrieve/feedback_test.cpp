#include "dragoman/retrieve/feedback.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/retrieve/retriever.h"
#include "dragoman/text/analyzer.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::FloatNear;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::ThrowsMessage;

FeedbackDocument document(float score, std::vector<std::pair<std::string, std::size_t>> words) {
  WordCounts counts{.words = std::move(words)};
  for (const auto& [word, count] : counts.words) counts.total += count;
  return {std::make_shared<const WordCounts>(std::move(counts)), score};
}

auto is(const std::string& word, float share) {
  return testing::AllOf(Field(&WordShare::word, word), Field(&WordShare::share, FloatNear(share, 1e-6f)));
}

TEST(RelevanceModel, WeighsWordsByDocumentsAndTheirScores) {
  // Scores 3 and 1: the documents count 3/4 and 1/4. чай: 3/4 * 2/4 + 1/4 * 1/2 = 1/2; мята: 3/4 * 2/4 = 3/8; мёд: 1/8.
  const std::vector<FeedbackDocument> documents = {document(3, {{"мята", 2}, {"чай", 2}}),
                                                   document(1, {{"мёд", 1}, {"чай", 1}})};
  EXPECT_THAT(relevance_model(documents, 10), ElementsAre(is("чай", 0.5f), is("мята", 0.375f), is("мёд", 0.125f)));
  // Of two words, 1/2 and 3/8, the shares are 4/7 and 3/7.
  EXPECT_THAT(relevance_model(documents, 2), ElementsAre(is("чай", 4 / 7.0f), is("мята", 3 / 7.0f)));
}

TEST(RelevanceModel, TakesEquallyLikelyWordsInTheOrderOfTheirBytes) {
  EXPECT_THAT(relevance_model(std::vector{document(1, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}})}, 2),
              ElementsAre(is("a", 0.5f), is("b", 0.5f)));
}

TEST(RelevanceModel, IsEmptyWithoutWords) {
  EXPECT_THAT(relevance_model({}, 10), IsEmpty());
  EXPECT_THAT(relevance_model(std::vector{document(1, {})}, 10), IsEmpty());
}

TEST(Interpolate, MixesTheQueryWithTheModel) {
  // The query is chai 2/3, na 1/3; of both halves chai gets 1/3 + 1/8.
  const std::vector<std::string_view> query = {"chai", "na", "chai"};
  const std::vector<WordShare> model = {{"tangawizi", 0.75f}, {"chai", 0.25f}};
  EXPECT_THAT(interpolate(query, model, 0.5f),
              ElementsAre(is("chai", 11 / 24.0f), is("tangawizi", 0.375f), is("na", 1 / 6.0f)));
  EXPECT_THAT(interpolate(query, model, 1), ElementsAre(is("chai", 2 / 3.0f), is("na", 1 / 3.0f)));
  EXPECT_THAT(interpolate(query, model, 0), ElementsAre(is("tangawizi", 0.75f), is("chai", 0.25f)));
}

/// An index of texts, with its retrievers.
class FeedbackTest : public testing::Test {
 protected:
  using Texts = std::vector<std::pair<const char*, std::string>>;

  /// @param texts languages and texts.
  void make(const Texts& texts, const Bm25Options& options = {}, const Rm3Options& rm3 = {.on = true}) {
    Collection::DocumentLanguages languages;
    LexicalSegmentBuilder builder;
    tokens_.clear();
    for (DocumentNumber i = 0; i < texts.size(); ++i) {
      const Language language = Language::parse(texts[i].first);
      const std::vector<Token> tokens = analyzer_->analyze(texts[i].second, language);
      builder.add(i, language, tokens);
      auto& words = tokens_.emplace_back();
      for (const Token& token : tokens) words.push_back(token.text);
      auto found = std::ranges::find(languages.languages, language);
      if (found == languages.languages.end()) found = languages.languages.insert(found, language);
      languages.of.push_back(static_cast<std::uint16_t>(found - languages.languages.begin()));
    }
    const auto path = folder_.path() / "a.seg";
    builder.write(path, analyzer_->version());
    index_ = std::make_shared<Bm25Index>(std::vector<std::shared_ptr<const LexicalSegment>>{
        std::make_shared<LexicalSegment>(path, analyzer_->version())});
    documents_ = std::make_shared<AnalyzedDocuments>(analyzer_, std::move(languages));
    words_ = std::make_shared<FeedbackWords>(index_, documents_, [this](DocumentNumber number) {
      ++reads_;
      return tokens_[number];
    });
    plain_ = make_bm25_retriever(index_, documents_, options, 1);
    expanding_ = make_bm25_retriever(index_, documents_, options, 1, {rm3, words_});
  }

  static RetrievedList search(const Retriever& retriever, const std::string& text, const char* language,
                              const std::vector<std::uint8_t>& allowed = {}) {
    const Query query{.id = "q", .text = text, .language = Language::parse(language)};
    return retriever.search(std::vector{query}, 50, allowed).at(0);
  }

  static std::map<DocumentNumber, float> scores(const RetrievedList& list) {
    std::map<DocumentNumber, float> scores;
    for (const Retrieved& found : list.documents) scores[found.document] = found.score;
    return scores;
  }

  /// Twenty texts of a language that say something else, so that a word of two more is in less than a tenth of all.
  static void add_others(const char* language, const std::string& text, Texts& texts) {
    for (int i = 0; i < 20; ++i) texts.emplace_back(language, text);
  }

  test::TemporaryFolder folder_;
  std::shared_ptr<const Analyzer> analyzer_ = std::make_shared<Analyzer>();
  std::vector<std::vector<std::string>> tokens_;
  std::shared_ptr<const Bm25Index> index_;
  std::shared_ptr<const AnalyzedDocuments> documents_;
  std::shared_ptr<const FeedbackWords> words_;
  std::unique_ptr<Retriever> plain_, expanding_;
  int reads_ = 0;
};

/// A text with the query's word and a telling one, and one with the telling word alone, which feedback must find.
struct Told {
  const char *language, *query, *both, *only, *other;
};

class FeedbackInLanguage : public FeedbackTest, public testing::WithParamInterface<Told> {};

TEST_P(FeedbackInLanguage, FindsWhatTheQueryDoesNotSay) {
  const Told& told = GetParam();
  Texts texts = {{told.language, told.both}, {told.language, told.only}};
  add_others(told.language, told.other, texts);
  make(texts);
  EXPECT_THAT(scores(search(*plain_, told.query, told.language)), ElementsAre(Pair(0, testing::Gt(0))));
  const RetrievedList found = search(*expanding_, told.query, told.language);
  ASSERT_EQ(found.documents.size(), 2u);
  EXPECT_EQ(found.documents[0].document, 0u);
  EXPECT_EQ(found.documents[1].document, 1u);
  EXPECT_THAT(found.expansion, Not(IsEmpty()));
  float sum = 0;
  for (const WordShare& word : found.expansion) sum += word.share;
  EXPECT_NEAR(sum, 1, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Scripts, FeedbackInLanguage,
                         testing::Values(Told{"ar", "اليمن", "القهوة اليمن", "القهوة", "كتاب"},
                                         Told{"zh", "茶道", "茶道咖啡", "咖啡", "書本"},
                                         Told{"hi", "चाय", "चाय अदरक", "अदरक", "किताब"},
                                         Told{"ja", "茶道", "茶道とコーヒー", "コーヒー", "書物"},
                                         Told{"th", "กาแฟ", "กาแฟ มะนาว", "มะนาว", "หนังสือ"},
                                         Told{"ru", "чай", "чай с мятой", "мята", "книга"},
                                         Told{"sw", "chai", "chai tangawizi", "tangawizi", "kitabu"}),
                         [](const auto& told) { return std::string(told.param.language); });

TEST_F(FeedbackTest, TakesWordsOfTheQuerysLanguageAloneAndLeavesOthersAsTheyWere) {
  // Swahili and Zulu share the rules that make words, German has its own.
  Texts texts = {{"sw", "vodka tangawizi"},
                 {"zu", "vodka amanzi tangawizi"},
                 {"de", "vodka zitrone tangawizi"},
                 {"zu", "tangawizi"},
                 {"de", "tangawizi"},
                 {"sw", "tangawizi"}};
  add_others("sw", "kitabu", texts);
  add_others("zu", "incwadi", texts);
  add_others("de", "buch", texts);
  make(texts);
  const RetrievedList found = search(*expanding_, "vodka", "sw");
  EXPECT_THAT(found.expansion, ElementsAre(is("vodka", 0.75f), is("tangawizi", 0.25f)));
  const auto before = scores(search(*plain_, "vodka", "sw"));
  const auto after = scores(found);
  EXPECT_THAT(after, ElementsAre(Pair(0, testing::_), Pair(1, before.at(1)), Pair(2, before.at(2)),
                                 Pair(5, testing::_)));  // 3 and 4 have the lent word alone.
  // 0 has 3/4 of what the first search gave it, and 1/4 of what its other word would.
  EXPECT_FLOAT_EQ(after.at(0), 0.75f * before.at(0) + 0.25f * scores(search(*plain_, "tangawizi", "sw")).at(0));
}

TEST_F(FeedbackTest, LeavesOutFrequentWordsAndSingleLetters) {
  Texts texts = {{"ru", "чай я мята"}, {"zh", "茶道、書"}};
  add_others("ru", "книга стол", texts);
  add_others("zh", "咖啡", texts);
  for (int i = 0; i < 3; ++i) texts.emplace_back("ru", "мята");
  make(texts);
  // мята is in 4 of 24 texts, which is more than a tenth; я is one letter; 书, which 書 is folded to, is a word. The
  // stem of чай is ча.
  EXPECT_EQ(words_->of(0)->words, (std::vector<std::pair<std::string, std::size_t>>{{"ча", 1}}));
  EXPECT_EQ(words_->of(0)->total, 1u);
  EXPECT_THAT(words_->of(1)->words, Contains(Pair("书", 1)));
  EXPECT_THAT(words_->of(2)->words, IsEmpty());
}

TEST_F(FeedbackTest, ReadsADocumentOnceWhileItIsKept) {
  Texts texts = {{"sw", "chai tangawizi"}, {"sw", "kahawa"}};
  add_others("sw", "kitabu", texts);
  make(texts);
  words_->of(0);
  EXPECT_EQ(words_->of(0), words_->of(0));
  EXPECT_EQ(reads_, 1);
  // Room for the three that the first takes, with one for itself: the second drives it out.
  const FeedbackWords few(
      index_, documents_, [&](DocumentNumber number) { return ++reads_, tokens_[number]; }, 3);
  reads_ = 0;
  few.of(0);
  few.of(0);
  EXPECT_EQ(reads_, 1);
  const auto kept = few.of(1);
  EXPECT_EQ(few.of(1), kept);
  EXPECT_EQ(reads_, 2);
  EXPECT_EQ(few.of(0)->words.size(), 2u);
  EXPECT_EQ(reads_, 3);
}

TEST_F(FeedbackTest, KeepsToWhatIsAllowed) {
  Texts texts = {{"sw", "chai tangawizi"}, {"sw", "chai limau"}, {"sw", "tangawizi"}, {"sw", "limau"}};
  add_others("sw", "kitabu", texts);
  make(texts);
  EXPECT_EQ(scores(search(*expanding_, "chai", "sw")).size(), 4u);
  // 0 may not be returned, so it lends nothing either.
  const RetrievedList found = search(*expanding_, "chai", "sw", {0, 1, 1, 1});
  EXPECT_THAT(scores(found), ElementsAre(Pair(1, testing::_), Pair(3, testing::_)));
  EXPECT_THAT(found.expansion, ElementsAre(is("chai", 0.75f), is("limau", 0.25f)));
}

TEST_F(FeedbackTest, ChangesNothingWhereNothingIsLent) {
  Texts texts = {{"sw", "chai tangawizi"}, {"de", "chai"}};
  add_others("sw", "kitabu", texts);
  make(texts);
  for (const auto& [text, language] : {std::pair{"kahawa", "sw"}, {"", "sw"}, {"chai", "yo"}, {"kitabu", "sw"}}) {
    const RetrievedList found = search(*expanding_, text, language);
    EXPECT_EQ(scores(found), scores(search(*plain_, text, language))) << text;
    EXPECT_THAT(found.expansion, IsEmpty()) << text;
  }
  const auto whole = make_bm25_retriever(index_, documents_, {}, 1, {{.on = true, .query_weight = 1}, words_});
  EXPECT_EQ(scores(search(*whole, "chai", "sw")), scores(search(*plain_, "chai", "sw")));
  const auto off = make_bm25_retriever(index_, documents_, {}, 1, {{.on = false}, words_});
  EXPECT_EQ(scores(search(*off, "chai", "sw")), scores(search(*plain_, "chai", "sw")));
}

TEST_F(FeedbackTest, RefusesWhatItCannotDo) {
  make({{"sw", "chai"}});
  const auto make_with = [&](const Rm3Options& rm3, const Bm25Options& bm25 = {}) {
    return [=, this] { make_bm25_retriever(index_, documents_, bm25, 1, {rm3, words_}); };
  };
  EXPECT_THAT(make_with({.on = true, .documents = 0}),
              ThrowsMessage<InvalidArgument>("rm3_documents is 0, must be at least 1"));
  EXPECT_THAT(make_with({.on = true, .terms = 0}),
              ThrowsMessage<InvalidArgument>("rm3_terms is 0, must be at least 1"));
  EXPECT_THAT(make_with({.on = true, .query_weight = 1.5f}),
              ThrowsMessage<InvalidArgument>("rm3_weight is 1.5, must be between 0 and 1"));
  EXPECT_THROW(make_with({.on = true}, {.match = LexicalMatch::all})(), InvalidArgument);
  EXPECT_THROW(make_with({.on = true}, {.proximity = 1})(), InvalidArgument);
  EXPECT_NO_THROW(make_with({.on = false}, {.match = LexicalMatch::all})());
}

/// The slow twin: every weight and score by the formulas, over all documents.
TEST_F(FeedbackTest, IsWhatTheFormulasSay) {
  std::mt19937 random(7);
  for (int round = 0; round < 10; ++round) {
    Texts texts;
    for (int i = 0; i < 60; ++i) {
      std::string text;
      for (unsigned w = 2 + random() % 8; w > 0; --w) {
        const unsigned word = std::min(random() % 60, random() % 60);
        text += std::string("w") + static_cast<char>('a' + word / 10) + static_cast<char>('a' + word % 10) + " ";
      }
      texts.emplace_back("sw", text);
    }
    const Rm3Options rm3{.on = true, .documents = 1 + random() % 8, .terms = 1 + random() % 8, .query_weight = 0.4f};
    make(texts, {}, rm3);
    const std::string query = texts[random() % texts.size()].second;
    const std::vector<Token> words = analyzer_->analyze(query, Language::parse("sw"));
    const auto first = search(*plain_, query, "sw");

    const auto frequency = [&](const std::string& word) {
      return std::ranges::count_if(tokens_, [&](const auto& of) { return std::ranges::count(of, word) > 0; });
    };
    std::map<std::string, double> model;
    for (std::size_t i = 0; i < std::min(rm3.documents, first.documents.size()); ++i) {
      const auto& of = tokens_[first.documents[i].document];
      const auto usable = [&](const std::string& word) { return frequency(word) <= 6; };
      const auto total = static_cast<double>(std::ranges::count_if(of, usable));
      for (const std::string& word : of) {
        if (usable(word)) model[word] += double{first.documents[i].score} / total;
      }
    }
    std::vector<std::pair<std::string, double>> best(model.begin(), model.end());
    std::ranges::stable_sort(best, [](const auto& a, const auto& b) { return a.second > b.second; });
    // Two equal to rounding at the cut may be either way round: such a round says nothing.
    if (best.size() > rm3.terms && best[rm3.terms - 1].second - best[rm3.terms].second < 1e-9) continue;
    best.resize(std::min(best.size(), rm3.terms));
    double sum = 0;
    for (const auto& [word, value] : best) sum += value;
    std::map<std::string, double> weights;
    for (const Token& word : words) weights[word.text] += 0.4;
    for (const auto& [word, value] : best) weights[word] += 0.6 * value / sum * static_cast<double>(words.size());

    const RetrievedList found = search(*expanding_, query, "sw");
    std::map<DocumentNumber, double> expected;
    for (const auto& [word, weight] : weights) {
      for (const ScoredDocument& of : index_->search(std::vector<Token>{{word, 0, 0}}, 60)) {
        expected[of.document] += weight * double{of.score};
      }
    }
    std::vector<double> in_order;
    for (const auto& [number, score] : expected) in_order.push_back(score);
    std::ranges::sort(in_order, std::greater());
    in_order.resize(std::min<std::size_t>(in_order.size(), 50));
    ASSERT_EQ(found.documents.size(), in_order.size());
    for (std::size_t i = 0; i < in_order.size(); ++i) {
      EXPECT_NEAR(double{found.documents[i].score}, in_order[i], 1e-4);
      EXPECT_NEAR(double{found.documents[i].score}, expected.at(found.documents[i].document), 1e-4);
    }
  }
}

TEST_F(FeedbackTest, WordsOfWholeWeightsAreThoseThatTheQueryHasSoOften) {
  make({{"sw", "chai tangawizi"}, {"sw", "chai chai maziwa"}, {"ru", "чай"}});
  const std::vector<std::string_view> repeated = {"chai", "tangawizi", "chai"};
  const std::vector<WeightedWord> weighted = {{"tangawizi", 1}, {"chai", 1.5f}, {"chai", 0.5f}};
  const auto expected = index_->search(repeated, 10, {}, nullptr);
  const auto found = index_->search_weighted(weighted, {}, 10, {}, nullptr);
  ASSERT_EQ(found.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(found[i].document, expected[i].document);
    EXPECT_EQ(found[i].score, expected[i].score);
  }
  EXPECT_THROW(index_->search_weighted(std::vector<WeightedWord>{{"chai", 0}}, {}, 10, {}, nullptr), InvalidArgument);
}

}  // namespace
}  // namespace dragoman
