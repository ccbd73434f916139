#include <gmock/gmock.h>

#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dragoman/lexical/bm25.h"
#include "lexical/lexical_support.h"
#include "support/test_support.h"

namespace dragoman {
namespace {

using test::slice;
using test::tokens;
using test::Words;
using testing::ElementsAre;
using testing::IsEmpty;

class DeletedDocumentsTest : public testing::Test {
 protected:
  std::shared_ptr<const LexicalSegment> segment(DocumentNumber first, const std::vector<Words>& documents,
                                                DocumentOrder order = DocumentOrder::as_added) {
    return test::make_segment(folder_.path() / std::to_string(files_++), first, documents, {.order = order});
  }

  test::TemporaryFolder folder_;
  int files_ = 0;
};

std::shared_ptr<const DocumentSet> set_of(std::size_t size, const std::vector<DocumentNumber>& documents) {
  auto set = std::make_shared<DocumentSet>(size);
  for (const DocumentNumber document : documents) set->insert(document);
  return set;
}

TEST_F(DeletedDocumentsTest, CountNowhereAndAreNotFound) {
  const auto segments = segment(0, {{"sw", "chai moto"}, {"sw", "chai"}, {"hi", "chai"}, {"sw", "maji baridi sana"}});
  const Bm25Index index({segments}, set_of(4, {0, 3}));
  const std::vector<Language> languages = {Language::parse("sw"), Language::parse("hi")};
  EXPECT_THAT(index.document_frequencies("chai", languages), ElementsAre(1, 0));
  const auto hits = index.search(tokens("chai"), 10);
  // One of 2 documents has it; 2 words where 2.5 are average.
  const double expected = std::log(1 + (2 - 1 + 0.5) / (1 + 0.5)) * 1 / (1 + 0.9 * (1 - 0.4 + 0.4 * 2 / 2.5));
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].document, 0u);
  EXPECT_FLOAT_EQ(hits[0].score, static_cast<float>(expected));
}

TEST_F(DeletedDocumentsTest, LeaveNoWordBehind) {
  const auto only = segment(0, {{"ja", "茶 水"}, {"ja", "茶"}});
  const Bm25Index index({only}, set_of(2, {1}));
  EXPECT_THAT(index.search(tokens("水"), 10), IsEmpty());
  EXPECT_THAT(index.search(tokens("茶 水"), 10, {.match = LexicalMatch::all}), IsEmpty());
  const Bm25Index none({only}, set_of(2, {}));
  EXPECT_THAT(none.search(tokens("茶"), 10), IsEmpty());
  EXPECT_THAT(none.search(tokens("茶"), 10, {.weighting = LexicalWeighting::dirichlet}), IsEmpty());
}

// The heart of it: what is left is scored as if the others had never been there, to the bit, in every way of scoring.
TEST_F(DeletedDocumentsTest, LeaveTheScoresOfAFreshIndex) {
  std::mt19937 random(500);
  const std::vector<std::string> tags = {"ar", "zh", "hi", "th", "ru", "sw", "pt-BR", "pt"};
  const auto word = [&] {
    return "w" + std::to_string(static_cast<int>(std::pow(400.0, static_cast<double>(random() % 1000) / 1e3)));
  };
  for (int round = 0; round < 6; ++round) {
    std::vector<Words> documents;
    for (int i = 0; i < 3000; ++i) {
      std::string text;
      // Some words very often, in documents that may go.
      for (std::size_t w = random() % 40; w-- > 0;) text += word() + " ";
      if (random() % 100 == 0) {
        for (int w = 0; w < 400; ++w) text += "w1 ";
      }
      documents.push_back({tags[(i / 40 + random() % 2) % tags.size()], text});
    }
    // None, a sixth, all but a few; and all of one language.
    const std::size_t share = std::vector<std::size_t>{0, 1, 17, 50, 98, 17}[static_cast<std::size_t>(round)];
    std::vector<Words> left;
    std::vector<DocumentNumber> live;
    for (DocumentNumber i = 0; i < documents.size(); ++i) {
      if (random() % 100 < share || (round == 5 && documents[i].language == "th")) continue;
      live.push_back(i);
      left.push_back(documents[i]);
    }
    const auto order = round % 2 == 0 ? DocumentOrder::as_added : DocumentOrder::bisection;
    const Bm25Index index(
        {segment(0, slice(documents, 0, 1100), order), segment(1100, slice(documents, 1100, documents.size()), order)},
        set_of(documents.size(), live));
    const Bm25Index fresh({segment(0, left)});
    for (int q = 0; q < 60; ++q) {
      std::string query;
      for (std::size_t w = 1 + random() % 6; w-- > 0;) query += word() + " ";
      for (const auto statistics : {LexicalStatistics::per_language, LexicalStatistics::pooled}) {
        for (const auto weighting : {LexicalWeighting::bm25, LexicalWeighting::dirichlet}) {
          for (const char* tag : {"ar", "en"}) {
            const Bm25Options options{.statistics = statistics, .weighting = weighting};
            const Language language = Language::parse(tag);
            ASSERT_EQ(index.full_score(tokens(query), options, language),
                      fresh.full_score(tokens(query), options, language));
          }
          for (const auto match : {LexicalMatch::any, LexicalMatch::all}) {
            for (const auto method : {TopKMethod::max_score, TopKMethod::exhaustive}) {
              Bm25Options options;
              options.statistics = statistics;
              options.weighting = weighting;
              options.match = match;
              options.method = method;
              for (const std::size_t depth : {std::size_t{5}, std::size_t{200}}) {
                auto expected = fresh.search(tokens(query), depth, options);
                for (ScoredDocument& hit : expected) hit.document = live[hit.document];
                ASSERT_EQ(index.search(tokens(query), depth, options), expected) << round << ": " << query;
              }
            }
          }
        }
      }
      const std::string one = word();
      std::vector<Language> languages;
      for (const std::string& tag : tags) languages.push_back(Language::parse(tag));
      ASSERT_EQ(index.document_frequencies(one, languages), fresh.document_frequencies(one, languages));
    }
  }
}

}  // namespace
}  // namespace dragoman
