#include "dragoman/lexical/word_union.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/lexical/bm25.h"
#include "lexical/lexical_support.h"
#include "lexical/score_kernels.h"
#include "lexical/union_kernels.h"
#include "support/test_support.h"

namespace dragoman {

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class WordUnionTest : public testing::Test {
 protected:
  Bm25Index index(const std::vector<test::Words>& documents) {
    return Bm25Index({test::make_segment(folder_.path() / std::to_string(files_++), 0, documents)});
  }

  test::TemporaryFolder folder_;
  int files_ = 0;
};

/// Two spellings of Tchaikovsky, and one of another name; all documents have two words.
const std::vector<test::Words> kComposers = {
    {"ru", "чайковский балет"}, {"ru", "чайковскій опера"}, {"ru", "чайковский чайковскій"}, {"ru", "глинка опера"}};

TEST_F(WordUnionTest, CountsSpellingsAsOneWord) {
  const auto searched = index(kComposers);
  const std::vector<WordUnion> query = {{.words = {{"чайковский", 1}, {"чайковскій", 1}}}};
  const auto hits = searched.search(query, 10, {}, nullptr);
  ASSERT_EQ(hits.size(), 3u);
  // 3 of 4 documents have either; the best one has it twice.
  const double idf = std::log(1 + (4 - 3 + 0.5) / (3 + 0.5));
  EXPECT_EQ(hits[0].document, 2u);
  EXPECT_FLOAT_EQ(hits[0].score, static_cast<float>(idf * 2 / 2.9));
  EXPECT_FLOAT_EQ(hits[1].score, static_cast<float>(idf * 1 / 1.9));
  EXPECT_EQ(hits[1].score, hits[2].score);
}

TEST_F(WordUnionTest, WeighsTranslationsByTheirProbabilities) {
  // Of "bank": a Swahili document about money, one about a river.
  const auto searched = index({{"sw", "benki benki pesa"}, {"sw", "ukingo mto mto"}, {"sw", "pesa mto pesa"}});
  const std::vector<WordUnion> query = {
      {.words = {{"benki", 0.8f}, {"ukingo", 0.2f}}, .frequency = UnionFrequency::expected}};
  const auto hits = searched.search(query, 10, {}, nullptr);
  ASSERT_EQ(hits.size(), 2u);
  const double df = 0.8 * 1 + 0.2 * 1, idf = std::log(1 + (3 - df + 0.5) / (df + 0.5));
  EXPECT_EQ(hits[0].document, 0u);
  EXPECT_FLOAT_EQ(hits[0].score, static_cast<float>(idf * 1.6 / (1.6 + 0.9)));
  EXPECT_FLOAT_EQ(hits[1].score, static_cast<float>(idf * 0.2 / (0.2 + 0.9)));
}

TEST_F(WordUnionTest, OfOneWordIsTheWord) {
  const auto searched = index(kComposers);
  const std::vector<WordUnion> query = {{.words = {{"опера", 1}}}, {.words = {{"глинка", 1}}, .times = 2}};
  const auto united = searched.search(query, 10, {}, nullptr);
  const auto plain = searched.search(test::tokens("опера глинка глинка"), 10);
  ASSERT_EQ(united.size(), plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_EQ(united[i].document, plain[i].document);
    EXPECT_NEAR(united[i].score, plain[i].score, 1e-6);
  }
}

TEST_F(WordUnionTest, AddsUpTheWeightsOfAWordThatComesTwice) {
  const auto searched = index(kComposers);
  for (const UnionFrequency frequency : {UnionFrequency::any, UnionFrequency::expected}) {
    const std::vector<WordUnion> twice = {{.words = {{"опера", 0.25f}, {"опера", 0.5f}}, .frequency = frequency}};
    const std::vector<WordUnion> once = {{.words = {{"опера", 0.75f}}, .frequency = frequency}};
    EXPECT_EQ(searched.search(twice, 10, {}, nullptr), searched.search(once, 10, {}, nullptr));
  }
}

TEST_F(WordUnionTest, FindsNothingForWordsThatAreNotThere) {
  const auto searched = index(kComposers);
  const std::vector<WordUnion> unknown = {{.words = {{"моцарт", 1}, {"бах", 1}}}};
  EXPECT_THAT(searched.search(unknown, 10, {}, nullptr), IsEmpty());
  EXPECT_THAT(searched.search(std::vector<WordUnion>{WordUnion{}}, 10, {}, nullptr), IsEmpty());
  EXPECT_THAT(Bm25Index({}).search(unknown, 10, {}, nullptr), IsEmpty());
  // With all words asked for, one of a union is enough; a union of none is not.
  Bm25Options all;
  all.match = LexicalMatch::all;
  const std::vector<WordUnion> some = {{.words = {{"моцарт", 1}, {"глинка", 1}}}, {.words = {{"опера", 1}}}};
  EXPECT_EQ(searched.search(some, 10, all, nullptr).size(), 1u);
  EXPECT_THAT(searched.search(std::vector<WordUnion>{some[0], unknown[0]}, 10, all, nullptr), IsEmpty());
}

TEST_F(WordUnionTest, RefusesWeightsOutOfRange) {
  const auto searched = index(kComposers);
  for (const float weight : {0.0f, -1.0f, 1e7f, std::nanf("")}) {
    const std::vector<WordUnion> query = {{.words = {{"опера", weight}}}};
    EXPECT_THAT([&] { searched.search(query, 10, {}, nullptr); },
                ThrowsMessage<InvalidArgument>(HasSubstr("the weight of 'опера' is")));
  }
  const std::vector<WordUnion> never = {{.words = {{"опера", 1}}, .times = 0}};
  EXPECT_THAT([&] { searched.search(never, 10, {}, nullptr); },
              ThrowsMessage<InvalidArgument>(HasSubstr("the number of times of 'опера' is 0")));
}

TEST(UnionKernels, GiveTheSameBitsAsPlainLoops) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const std::size_t count = 1 + random() % 128;
    std::vector<std::uint32_t> documents(128 + kKernelPadding), frequencies(128 + kKernelPadding, 1);
    std::vector<float> inverses(1000), sums(128 + kKernelPadding), weights(128 + kKernelPadding);
    for (float& inverse : inverses) {
      inverse = std::ldexp(static_cast<float>(1 + random() % 1000), static_cast<int>(random() % 30) - 20);
    }
    for (std::size_t i = 0; i < count; ++i) {
      documents[i] = random() % 1000;
      frequencies[i] = 1 + (random() % 4 == 0 ? random() % 100'000 : random() % 5);
      weights[i] = static_cast<float>(1 + random() % (1 << 29));
    }
    std::vector<float> expected_sums = sums;
    const float weight = static_cast<float>(1 + random() % 1000) / 300;
    weigh_frequencies(documents.data(), frequencies.data(), count, inverses.data(), weight, sums.data());
    weigh_frequencies_scalar(documents.data(), frequencies.data(), count, inverses.data(), weight,
                             expected_sums.data());
    std::vector<std::int32_t> scores(128 + kKernelPadding), expected(128 + kKernelPadding);
    saturate(sums.data(), weights.data(), count, scores.data());
    saturate_scalar(sums.data(), weights.data(), count, expected.data());
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(sums[i], expected_sums[i]);
      ASSERT_EQ(scores[i], expected[i]) << sums[i] << " " << weights[i];
    }
  }
}

}  // namespace
}  // namespace dragoman
