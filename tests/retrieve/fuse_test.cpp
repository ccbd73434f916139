#include "dragoman/retrieve/fuse.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// Documents from the first rank on; their scores do not matter to a fusion of ranks.
RetrievedList list(const std::vector<DocumentNumber>& documents) {
  RetrievedList list;
  float score = 100;
  for (const DocumentNumber document : documents) list.documents.push_back({document, score--, std::nullopt});
  return list;
}

std::vector<DocumentNumber> numbers(const std::vector<Retrieved>& fused) {
  std::vector<DocumentNumber> numbers;
  for (const Retrieved& found : fused) numbers.push_back(found.document);
  return numbers;
}

TEST(Fuse, SumsReciprocalRanks) {
  const auto fused = fuse(std::vector{list({7, 3}), list({3, 9})}, {});
  ASSERT_THAT(numbers(fused), ElementsAre(3, 7, 9));
  EXPECT_FLOAT_EQ(fused[0].score, 1.0f / 62 + 1.0f / 61);
  EXPECT_FLOAT_EQ(fused[1].score, 1.0f / 61);
  EXPECT_FLOAT_EQ(fused[2].score, 1.0f / 62);
}

TEST(Fuse, TakesTheConstantFromItsOptions) {
  const auto fused = fuse(std::vector{list({7, 3}), list({3})}, {.k = 1});
  ASSERT_THAT(numbers(fused), ElementsAre(3, 7));
  EXPECT_FLOAT_EQ(fused[0].score, 1.0f / 3 + 1.0f / 2);
  EXPECT_FLOAT_EQ(fused[1].score, 1.0f / 2);
  EXPECT_FLOAT_EQ(fuse(std::vector{list({7})}, {.k = 0})[0].score, 1);
}

TEST(Fuse, OrdersEqualScoresByDocumentNumber) {
  EXPECT_THAT(numbers(fuse(std::vector{list({9, 1}), list({1, 9})}, {})), ElementsAre(1, 9));
  EXPECT_THAT(numbers(fuse(std::vector{list({9}), list({1}), list({5})}, {})), ElementsAre(1, 5, 9));
}

TEST(Fuse, DoesNotDependOnTheOrderOfTheLists) {
  const auto a = list({1, 2, 3, 4, 5}), b = list({5, 3, 1, 6}), c = list({6, 2, 9});
  const auto one = fuse(std::vector{a, b, c}, {}), other = fuse(std::vector{c, a, b}, {});
  EXPECT_EQ(numbers(one), numbers(other));
}

TEST(Fuse, OfNothingIsNothing) {
  EXPECT_THAT(fuse({}, {}), IsEmpty());
  EXPECT_THAT(fuse(std::vector{list({}), list({})}, {}), IsEmpty());
}

TEST(Fuse, KeepsThePassageOfTheFirstListThatKnowsOne) {
  auto words = list({1, 2}), near = list({1, 2}), far = list({1});
  near.documents[0].passage = TextRange{10, 20};
  far.documents[0].passage = TextRange{0, 10};
  const auto fused = fuse(std::vector{words, near, far}, {});
  EXPECT_EQ(fused[0].passage, (TextRange{10, 20}));
  EXPECT_EQ(fused[1].passage, std::nullopt);
}

// List 0 matches words of the query's language and may judge documents below 10; list 1 may judge all.
bool below_ten_or_second_list(std::size_t list, DocumentNumber document) { return list == 1 || document < 10; }

TEST(FuseWithJudges, FillsTheSilenceOfAListByTheMeanOfTheOthers) {
  // 50 is in a language whose words list 0 does not match. Its one rank counts twice, as if list 0 agreed.
  const auto fused = fuse(std::vector{list({1, 2}), list({50, 1})}, {}, below_ten_or_second_list);
  ASSERT_THAT(numbers(fused), ElementsAre(50, 1, 2));
  EXPECT_FLOAT_EQ(fused[0].score, 2.0f / 61);
  EXPECT_FLOAT_EQ(fused[1].score, 1.0f / 61 + 1.0f / 62);
  EXPECT_FLOAT_EQ(fused[2].score, 1.0f / 62);
}

TEST(FuseWithJudges, DoesNotCountWhatAListSaysOfADocumentItMayNotJudge) {
  // A word that happens to be spelt alike in another language lifts nothing ...
  const auto fused = fuse(std::vector{list({50, 1}), list({1, 50})}, {}, below_ten_or_second_list);
  ASSERT_THAT(numbers(fused), ElementsAre(1, 50));
  EXPECT_FLOAT_EQ(fused[0].score, 1.0f / 61 + 1.0f / 62);  // ... though it keeps its rank, and 1 stays the second.
  EXPECT_FLOAT_EQ(fused[1].score, 2.0f / 62);
}

TEST(FuseWithJudges, LeavesOutADocumentThatNoListMayJudge) {
  EXPECT_THAT(numbers(fuse(std::vector{list({50, 1}), list({})}, {}, below_ten_or_second_list)), ElementsAre(1));
}

TEST(FuseWithJudges, DoesNotTakeThePassageOfAListThatMayNotJudge) {
  auto words = list({50}), vectors = list({50});
  words.documents[0].passage = TextRange{0, 10};
  vectors.documents[0].passage = TextRange{10, 20};
  EXPECT_EQ(fuse(std::vector{words, vectors}, {}, below_ten_or_second_list)[0].passage, (TextRange{10, 20}));
}

RetrievedList scored(const std::vector<std::pair<DocumentNumber, float>>& documents, float full_score = 0) {
  RetrievedList list;
  for (const auto& [document, score] : documents) list.documents.push_back({document, score, std::nullopt});
  list.full_score = full_score;
  return list;
}

TEST(Fuse, CountsEachListAsMuchAsItsWeight) {
  const auto fused = fuse(std::vector{list({1, 2}), list({2, 1})}, {.weights = {3, 1}});
  ASSERT_THAT(numbers(fused), ElementsAre(1, 2));
  EXPECT_FLOAT_EQ(fused[0].score, 3.0f / 61 + 1.0f / 62);
  EXPECT_THAT(numbers(fuse(std::vector{list({1, 2}), list({3})}, {.weights = {0, 1}})), ElementsAre(3, 1, 2));
}

TEST(FuseSum, AddsScoresBetweenTheBestAndTheWorst) {
  const auto fused = fuse(std::vector{scored({{1, 30}, {2, 20}, {3, 10}}), scored({{3, 0.9f}, {4, 0.5f}})},
                          {.method = FuseMethod::sum});
  ASSERT_THAT(numbers(fused), ElementsAre(1, 3, 2, 4));  // 1, 0 + 1, 0.5, 0
  EXPECT_FLOAT_EQ(fused[0].score, 1);
  EXPECT_FLOAT_EQ(fused[1].score, 1);
  EXPECT_FLOAT_EQ(fused[2].score, 0.5f);
  // One document, or several that are as good, are the best.
  EXPECT_FLOAT_EQ(fuse(std::vector{scored({{7, 2}})}, {.method = FuseMethod::sum})[0].score, 1);
}

TEST(FuseSum, FillsTheSilenceOfAListThatMayNotJudge) {
  const auto fused = fuse(std::vector{scored({{1, 9}, {2, 0}}), scored({{50, 0.9f}, {1, 0.7f}, {2, 0.5f}})},
                          {.method = FuseMethod::sum, .weights = {1, 3}}, below_ten_or_second_list);
  ASSERT_THAT(numbers(fused), ElementsAre(50, 1, 2));
  EXPECT_FLOAT_EQ(fused[0].score, 4);  // 3 * 1, of 3 that may judge, of 4 in all
  EXPECT_FLOAT_EQ(fused[1].score, 1 + 1.5f);
}

TEST(FuseCalibrated, MeasuresScoresByAFullMatch) {
  // Half of the words against a cosine that is nearly as good as the best.
  const auto fused = fuse(std::vector{scored({{2, 6}, {1, 1.2f}}, 12), scored({{1, 0.62f}, {2, 0.6f}}, 1)},
                          {.method = FuseMethod::calibrated, .weights = {0.1f, 1}});
  ASSERT_THAT(numbers(fused), ElementsAre(2, 1));
  EXPECT_FLOAT_EQ(fused[0].score, 0.05f + 0.6f);
  EXPECT_FLOAT_EQ(fused[1].score, 0.01f + 0.62f);
}

TEST(FuseCalibrated, CountsWordsInAnotherLanguageForLess) {
  const auto fused =
      fuse(std::vector{scored({{1, 4}, {50, 4}}, 4), scored({{50, 0.5f}, {1, 0.5f}}, 1)},
           {.method = FuseMethod::calibrated, .weights = {0.2f, 1}, .foreign = 0.25f}, below_ten_or_second_list);
  ASSERT_THAT(numbers(fused), ElementsAre(1, 50));
  EXPECT_FLOAT_EQ(fused[0].score, 0.7f);
  EXPECT_FLOAT_EQ(fused[1].score, 0.55f);
}

TEST(FuseCalibrated, TakesTheBestScoreOfAListThatDoesNotKnowMore) {
  EXPECT_FLOAT_EQ(fuse(std::vector{scored({{1, 8}, {2, 4}})}, {.method = FuseMethod::calibrated})[1].score, 0.5f);
}

std::vector<Retrieved> levelled(const std::vector<std::pair<DocumentNumber, float>>& documents, float weight) {
  // Documents 1 to 4 are in one language, all others in another.
  const std::vector<std::uint16_t> language_of = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
  auto list = scored(documents).documents;
  level_languages(list, language_of, weight);
  return list;
}

TEST(LevelLanguages, MeasuresEachLanguageByItsSecondBest) {
  // Language 0 scores high for whatever is asked; in language 1 document 5 stands out.
  const auto list = levelled({{1, 0.9f}, {2, 0.85f}, {3, 0.8f}, {5, 0.7f}, {6, 0.4f}, {7, 0.3f}}, 1);
  EXPECT_THAT(numbers(list), ElementsAre(5, 1, 2, 6, 3, 7));
  EXPECT_NEAR(list[0].score, 0.3, 1e-6);
  EXPECT_NEAR(list[1].score, 0.05, 1e-6);
}

TEST(LevelLanguages, TakesTheLowestScoreWhereALanguageHasNoSecond) {
  const auto list = levelled({{1, 0.9f}, {2, 0.8f}, {5, 0.7f}, {3, 0.5f}}, 1);
  EXPECT_THAT(numbers(list), ElementsAre(5, 1, 2, 3));
  EXPECT_NEAR(list[0].score, 0.2, 1e-6);
}

TEST(LevelLanguages, KeepsTheOrderInsideALanguageAndWithoutWeightAllOfIt) {
  EXPECT_THAT(numbers(levelled({{2, 0.9f}, {1, 0.8f}, {4, 0.5f}}, 0.8f)), ElementsAre(2, 1, 4));
  const auto list = levelled({{1, 0.9f}, {5, 0.7f}}, 0);
  EXPECT_THAT(numbers(list), ElementsAre(1, 5));
  EXPECT_FLOAT_EQ(list[0].score, 0.9f);
  EXPECT_THAT(levelled({}, 1), IsEmpty());
}

TEST(Fuse, RefusesWeightsOutOfRange) {
  const std::vector lists = {list({1}), list({2})};
  EXPECT_THAT([&] { fuse(lists, {.weights = {1}}); }, ThrowsMessage<InvalidArgument>("fuse: 1 weights for 2 lists"));
  EXPECT_THROW(fuse(lists, {.weights = {1, -1}}), InvalidArgument);
  EXPECT_THROW(fuse(lists, {.weights = {0, 0}}), InvalidArgument);
  EXPECT_THROW(fuse(lists, {.foreign = 2}), InvalidArgument);
}

TEST(Fuse, RefusesAConstantOutOfRange) {
  EXPECT_THAT([] { fuse({}, {.k = -1}); },
              ThrowsMessage<InvalidArgument>("fuse: k is -1, must be finite and not negative"));
  EXPECT_THROW(fuse({}, {.k = std::nanf("")}), InvalidArgument);
  EXPECT_THROW(fuse({}, {.k = std::numeric_limits<float>::infinity()}), InvalidArgument);
}

}  // namespace
}  // namespace dragoman
