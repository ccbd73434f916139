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

TEST(Fuse, RefusesAConstantOutOfRange) {
  EXPECT_THAT([] { fuse({}, {.k = -1}); },
              ThrowsMessage<InvalidArgument>("fuse: k is -1, must be finite and not negative"));
  EXPECT_THROW(fuse({}, {.k = std::nanf("")}), InvalidArgument);
  EXPECT_THROW(fuse({}, {.k = std::numeric_limits<float>::infinity()}), InvalidArgument);
}

}  // namespace
}  // namespace dragoman
