#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dragoman/lexical/bm25.h"
#include "lexical/lexical_support.h"
#include "lexical/top_documents.h"
#include "support/test_support.h"

namespace dragoman {

namespace {

using test::numbers;
using test::Words;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(TopDocuments, KeepsTheBestAndBreaksTiesByNumber) {
  TopDocuments top(2, false);
  top.offer(9, 5);
  top.offer(4, 5);
  top.offer(6, 7);
  top.offer(3, 5);
  const auto hits = std::move(top).take(0.5f);
  EXPECT_THAT(hits, ElementsAre(ScoredDocument{6, 3.5f}, ScoredDocument{3, 2.5f}));
}

TEST(TopDocuments, KeepsNothingAtDepth0) {
  TopDocuments top(0, true);
  top.offer(1, 100);
  EXPECT_THAT(std::move(top).take(1), IsEmpty());
}

TEST(TopDocuments, IsTheSortedListWhateverTheDepthAndTheOrder) {
  std::mt19937 random(8);
  for (const std::size_t depth : {std::size_t{1}, std::size_t{10}, std::size_t{127}, std::size_t{128}, std::size_t{129},
                                  std::size_t{700}, std::size_t{5000}, ~std::size_t{0}, ~std::size_t{0} / 2 + 1}) {
    for (const bool ascending : {true, false}) {
      TopDocuments top(depth, ascending);
      std::vector<ScoredDocument> all;
      for (DocumentNumber document = 0; document < 3000; ++document) {
        // Many ties, also between numbers that differ beyond 24 bits.
        all.push_back({document, static_cast<float>((1 << 28) + static_cast<int>(random() % 2000))});
      }
      if (!ascending) std::shuffle(all.begin(), all.end(), random);
      for (const ScoredDocument& hit : all) top.offer(hit.document, static_cast<std::int32_t>(hit.score));
      std::sort(all.begin(), all.end(), [](const ScoredDocument& a, const ScoredDocument& b) {
        return a.score != b.score ? a.score > b.score : a.document < b.document;
      });
      all.resize(std::min(all.size(), depth));
      ASSERT_EQ(std::move(top).take(1), all) << depth;
    }
  }
}

/// A corpus in the shape of a natural one: words by Zipf's law, each in one or two of the languages.
class TopKAgainstExhaustive : public testing::Test {
 protected:
  std::string word() {
    // 1 / rank: the product of a uniform number and a power of the vocabulary.
    const double uniform = static_cast<double>(random_() % 1'000'000) / 1e6;
    return "w" + std::to_string(static_cast<int>(std::pow(2000.0, uniform)));
  }

  std::vector<Words> corpus(std::size_t count) {
    static const std::vector<std::string> kLanguages = {"en", "ru", "zh-Hant", "hi-Latn", "sw", "ar",
                                                        "ja", "th", "ur",      "pt-BR",   "pt", "und"};
    std::vector<Words> documents;
    for (std::size_t i = 0; i < count; ++i) {
      // Languages come in runs, as they do in corpora; now and then there is an empty document.
      const std::string& language = kLanguages[(i / 50 + random_() % 2) % kLanguages.size()];
      std::string text;
      const std::size_t length = random_() % 20 == 0 ? 0 : 1 + random_() % (random_() % 10 == 0 ? 300 : 30);
      for (std::size_t w = 0; w < length; ++w) text += (random_() % 3 == 0 ? language + word() : word()) + " ";
      documents.push_back({language, text});
    }
    return documents;
  }

  Bm25Index index(const std::vector<Words>& documents, const std::vector<std::size_t>& ends, DocumentOrder order) {
    std::vector<std::shared_ptr<const LexicalSegment>> segments;
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      segments.push_back(test::make_segment(folder_.path() / std::to_string(files_++),
                                            static_cast<DocumentNumber>(begin), test::slice(documents, begin, end),
                                            {.order = order}));
      begin = end;
    }
    return Bm25Index(std::move(segments));
  }

  std::string query(const std::vector<Words>& documents) {
    std::string text;
    const auto from = test::tokens(documents[random_() % documents.size()].text);
    for (std::size_t i = 0; i < random_() % 9; ++i) {
      text += (from.empty() || random_() % 4 == 0 ? word() : from[random_() % from.size()].text) + " ";
    }
    return text;
  }

  test::TemporaryFolder folder_;
  int files_ = 0;
  std::mt19937 random_{2026};
};

TEST_F(TopKAgainstExhaustive, FindsTheSameDocumentsScoresAndTies) {
  const std::vector<Words> documents = corpus(20'000);
  std::vector<Bm25Index> indexes;
  indexes.push_back(index(documents, {20'000}, DocumentOrder::as_added));
  indexes.push_back(index(documents, {20'000}, DocumentOrder::bisection));
  indexes.push_back(index(documents, {3000, 3001, 12'000, 20'000}, DocumentOrder::as_added));
  indexes.push_back(index(documents, {9000, 20'000}, DocumentOrder::bisection));
  for (int round = 0; round < 400; ++round) {
    const auto words = test::tokens(query(documents));
    Bm25Options options;
    options.k1 = static_cast<float>(random_() % 30) / 10;
    options.b = static_cast<float>(random_() % 11) / 10;
    options.statistics = random_() % 2 == 0 ? LexicalStatistics::per_language : LexicalStatistics::pooled;
    if (random_() % 2 == 0) options.by_language = {{Language::parse("ru"), 2, 0.1f}, {Language::parse("pt"), 0, 1}};
    if (random_() % 3 == 0) options.weighting = LexicalWeighting::dirichlet;
    options.mu = static_cast<float>(1 + random_() % 2000);
    options.match = random_() % 4 == 0 ? LexicalMatch::all : LexicalMatch::any;
    const std::vector<std::uint8_t> allowed = test::random_filter(random_, documents.size() - 100);
    const std::size_t depth = test::random_depth(random_);

    options.method = TopKMethod::exhaustive;
    const auto expected = indexes[0].search(words, depth, options, allowed);
    options.method = TopKMethod::max_score;
    for (const Bm25Index& searched : indexes) ASSERT_EQ(searched.search(words, depth, options, allowed), expected);
  }
}

TEST_F(TopKAgainstExhaustive, FindsOnlyDocumentsWithAllWordsWhereAsked) {
  const auto searched =
      index({{"ja", "猫 犬"}, {"ja", "猫"}, {"ja", "犬 猫 鳥"}, {"th", "แมว"}}, {2, 4}, DocumentOrder::as_added);
  Bm25Options all;
  all.match = LexicalMatch::all;
  EXPECT_THAT(numbers(searched.search(test::tokens("猫 犬"), 10, all)), ElementsAre(0, 2));
  EXPECT_THAT(numbers(searched.search(test::tokens("猫 魚"), 10, all)), IsEmpty()) << "nobody has 魚";
  EXPECT_THAT(numbers(searched.search(test::tokens("猫 แมว"), 10, all)), IsEmpty());
  EXPECT_EQ(searched.search(test::tokens("猫 犬"), 10).size(), 3u);
}

}  // namespace
}  // namespace dragoman
