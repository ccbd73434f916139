#include "dragoman/retrieve/retriever.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/dense/dense_index.h"
#include "dragoman/encode/encoder.h"
#include "dragoman/text/analyzer.h"
#include "retrieve/lexical_documents.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using testing::ElementsAre;

using testing::IsEmpty;
using testing::SizeIs;

Query query(std::string text) { return {.id = "q", .text = std::move(text), .language = {}}; }

class Bm25RetrieverTest : public testing::Test {
 protected:
  Bm25RetrieverTest() : analyzer_(std::make_shared<Analyzer>()) {
    const std::vector<std::pair<const char*, const char*>> documents = {
        {"ar", "القهوة من اليمن"},  {"ja", "東京都の緑茶"},
        {"hi", "गरम चाय"},          {"th", "ชาเย็นอร่อยมาก"},
        {"ru", "Чёрный чай, чай!"}, {"sw", "kahawa na chai"},
        {"hi-Latn", "garam chai"},  {"en", "tea ceremony called 茶道"}};
    const LexicalDocuments made = make_lexical_documents(documents, analyzer_, folder_.path() / "a.seg");
    index_ = made.index;
    documents_ = made.documents;
    retriever_ = make_bm25_retriever(index_, documents_, {}, 1);
  }

  RetrievedList search(const std::string& text, std::size_t depth = 10,
                       const std::vector<std::uint8_t>& allowed = {}) const {
    return retriever_->search(std::vector{query(text)}, depth, allowed).at(0);
  }

  test::TemporaryFolder folder_;
  std::shared_ptr<const Analyzer> analyzer_;
  std::shared_ptr<const AnalyzedDocuments> documents_;
  std::shared_ptr<const Bm25Index> index_;
  std::unique_ptr<Retriever> retriever_;
};

TEST_F(Bm25RetrieverTest, FindsWordsOfAnyScript) {
  EXPECT_EQ(retriever_->name(), "bm25");
  EXPECT_THAT(numbers(search("اليمن")), ElementsAre(0));
  EXPECT_THAT(numbers(search("東京")), ElementsAre(1));
  EXPECT_THAT(numbers(search("चाय")), ElementsAre(2));
  EXPECT_THAT(numbers(search("ชาเย็น")), ElementsAre(3));
  EXPECT_THAT(numbers(search("ЧАЙ")), ElementsAre(4));
  EXPECT_THAT(numbers(search("茶道とは")), testing::Contains(7));
}

TEST_F(Bm25RetrieverTest, FindsFormsOfAWordByTheRulesOfItsDocuments) {
  const auto found = [&](const char* text, const char* language) {
    const Query asked{.id = "q", .text = text, .language = Language::parse(language)};
    return numbers(retriever_->search(std::vector{asked}, 10, {}).at(0));
  };
  EXPECT_THAT(found("ceremonies", "en"), ElementsAre(7));
  EXPECT_THAT(found("ceremonies", "sw"), ElementsAre(7));  // Swahili has no stems, but the document's language has.
  EXPECT_THAT(found("ceremonies", "und-Latn"), ElementsAre(7));
  EXPECT_THAT(found("чаем", "ru"), ElementsAre(4));
  // Sorted by score over both kinds of documents: the Hindi and the English one here.
  const auto both =
      retriever_
          ->search(std::vector{Query{.id = "q", .text = "चाय ceremonies", .language = Language::parse("hi")}}, 10, {})
          .at(0);
  EXPECT_THAT(numbers(both), testing::UnorderedElementsAre(2, 7));
  EXPECT_GE(both.documents[0].score, both.documents[1].score);
}

TEST_F(Bm25RetrieverTest, SaysWhatTheIndexSays) {
  const auto list = search("garam chai");
  const auto expected = index_->search(analyzer_->analyze("garam chai"), 10);
  ASSERT_THAT(numbers(list), ElementsAre(6, 5));
  EXPECT_EQ(list.documents[0].score, expected[0].score);
  EXPECT_EQ(list.documents[1].score, expected[1].score);
  EXPECT_EQ(list.documents[0].passage, std::nullopt);
  EXPECT_EQ(list.query_terms, 2u);
  EXPECT_FALSE(list.query_truncated);
}

TEST_F(Bm25RetrieverTest, FindsNothingForAQueryWithoutAKnownWord) {
  EXPECT_THAT(search("").documents, IsEmpty());
  EXPECT_EQ(search("").query_terms, 0u);
  EXPECT_THAT(search("?! …").documents, IsEmpty());
  EXPECT_THAT(search("Kaffee").documents, IsEmpty());
  EXPECT_EQ(search("Kaffee").query_terms, 1u);
}

TEST_F(Bm25RetrieverTest, KeepsToDepthAndToWhatIsAllowed) {
  EXPECT_THAT(numbers(search("chai", 1)), SizeIs(1));
  EXPECT_THAT(numbers(search("chai", 10, {1, 1, 1, 1, 1, 1})), ElementsAre(5));
  EXPECT_THAT(numbers(search("chai", 10, {0})), IsEmpty());
}

// An index may know documents that were added since: whoever names all the others must not get those.
TEST_F(Bm25RetrieverTest, LeavesOutWhatIsNotNamedEvenIfAllKnownDocumentsAre) {
  Collection::DocumentLanguages two{{Language::parse("sw")}, {0, 0}};
  const auto documents = std::make_shared<AnalyzedDocuments>(analyzer_, std::move(two));
  EXPECT_TRUE(documents->split(analyzer_->rules_of(Language::parse("sw")), {}).all_native);
  EXPECT_FALSE(
      documents->split(analyzer_->rules_of(Language::parse("sw")), std::vector<std::uint8_t>{1, 1}).all_native);
  const auto retriever = make_bm25_retriever(index_, documents, {}, 1);
  const Query asked{.id = "q", .text = "chai", .language = Language::parse("sw")};
  EXPECT_THAT(retriever->search(std::vector{asked}, 10, std::vector<std::uint8_t>{1, 1}).at(0).documents, IsEmpty());
  EXPECT_THAT(numbers(retriever->search(std::vector{asked}, 10, {}).at(0)), testing::UnorderedElementsAre(5, 6));
}

TEST_F(Bm25RetrieverTest, AnswersManyQueriesInTheirOrderAtAnyNumberOfThreads) {
  std::vector<Query> queries;
  for (int i = 0; i < 50; ++i) queries.push_back(query(i % 2 == 0 ? "chai kahawa" : "чай 茶"));
  const auto serial = retriever_->search(queries, 10, {});
  const auto parallel = make_bm25_retriever(index_, documents_, {}, 4)->search(queries, 10, {});
  ASSERT_THAT(parallel, SizeIs(50));
  for (std::size_t q = 0; q < queries.size(); ++q) {
    EXPECT_EQ(numbers(serial[q]).front(), q % 2 == 0 ? 5u : numbers(serial[1]).front());
    EXPECT_EQ(numbers(parallel[q]), numbers(serial[q]));
    EXPECT_EQ(parallel[q].documents[0].score, serial[q].documents[0].score);
  }
}

TEST_F(Bm25RetrieverTest, PassesItsOptionsOn) {
  EXPECT_THROW(make_bm25_retriever(index_, documents_, {.k1 = -1}, 1)->search(std::vector{query("chai")}, 10, {}),
               InvalidArgument);
}

/// Says where a text points in the plane: "north" up, "east" right. Reads two words at most.
class CompassEncoder : public Encoder {
 public:
  std::vector<Encoding> encode(std::span<const std::string_view> texts, EncodeAs as,
                               const EncodeOptions&) const override {
    std::vector<Encoding> encodings;
    for (const std::string_view text : texts) {
      const bool north = text.find("north") != std::string_view::npos;
      const std::size_t words = 1 + static_cast<std::size_t>(std::ranges::count(text, ' '));
      encodings.emplace_back();
      encodings.back().dense = north ? std::vector<float>{0, 1} : std::vector<float>{1, 0};
      encodings.back().tokens_read = std::min<std::size_t>(words, 2);
      encodings.back().tokens_total = words;
      EXPECT_EQ(as, EncodeAs::query);
    }
    return encodings;
  }
  std::vector<std::int32_t> tokenize(std::string_view, EncodeAs) const override { return {}; }
  std::size_t count_tokens(std::string_view) const override { return 0; }
  std::size_t passage_budget() const override { return 2; }
  Heads heads() const override { return {}; }
  std::size_t dimension() const override { return 2; }
  std::size_t sparse_dimension() const override { return 0; }
  std::size_t multi_vector_dimension() const override { return 0; }
  Precision precision() const override { return Precision::f32; }
  const std::string& stamp() const override { return stamp_; }

 private:
  std::string stamp_ = "compass";
};

class DenseRetrieverTest : public testing::Test {
 protected:
  DenseRetrieverTest() {
    DenseSegmentBuilder builder(2);
    builder.add({0, {0, 5}}, std::vector<float>{1, 0});
    builder.add({1, {0, 5}}, std::vector<float>{0.8f, 0.6f});
    builder.add({1, {6, 9}}, std::vector<float>{0, 1});
    builder.write(folder_.path() / "a.seg", "compass");
    auto vectors = std::make_shared<DenseVectors>(std::vector<std::shared_ptr<const DenseSegment>>{
        std::make_shared<DenseSegment>(folder_.path() / "a.seg", "compass")});
    auto index = std::make_shared<DenseIndex>(DenseIndexParts{std::move(vectors)});
    retriever_ = make_dense_retriever(std::move(index), std::make_shared<CompassEncoder>(), {}, 1);
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<Retriever> retriever_;
};

TEST_F(DenseRetrieverTest, FindsTheNearestPassages) {
  EXPECT_EQ(retriever_->name(), "dense");
  const auto lists = retriever_->search(std::vector{query("north"), query("east")}, 10, {});
  ASSERT_THAT(lists, SizeIs(2));
  ASSERT_THAT(numbers(lists[0]), ElementsAre(1, 0));
  EXPECT_EQ(lists[0].documents[0].score, 1);
  EXPECT_EQ(lists[0].documents[0].passage, (TextRange{6, 9}));
  ASSERT_THAT(numbers(lists[1]), ElementsAre(0, 1));
  EXPECT_EQ(lists[1].documents[1].score, 0.8f);
  EXPECT_EQ(lists[1].documents[1].passage, (TextRange{0, 5}));
}

TEST_F(DenseRetrieverTest, SaysWhenTheEncoderDidNotReadAllOfTheQuery) {
  const auto lists = retriever_->search(std::vector{query("north east"), query("north by east")}, 10, {});
  EXPECT_FALSE(lists[0].query_truncated);
  EXPECT_TRUE(lists[1].query_truncated);
  EXPECT_EQ(lists[1].query_terms, 2u);
}

TEST_F(DenseRetrieverTest, KeepsToDepthAndToWhatIsAllowed) {
  EXPECT_THAT(numbers(retriever_->search(std::vector{query("north")}, 1, {})[0]), ElementsAre(1));
  EXPECT_THAT(numbers(retriever_->search(std::vector{query("north")}, 10, std::vector<std::uint8_t>{1})[0]),
              ElementsAre(0));
  EXPECT_THAT(retriever_->search({}, 10, {}), IsEmpty());
}

}  // namespace
}  // namespace dragoman
