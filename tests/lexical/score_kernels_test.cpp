#include "lexical/score_kernels.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <random>
#include <vector>

#include "lexical/block.h"

namespace dragoman {
namespace {

using testing::Each;
using testing::ElementsAre;

constexpr std::size_t kRoom = 128 + kKernelPadding;

struct Posted {
  std::vector<std::uint32_t> documents = std::vector<std::uint32_t>(kRoom);
  std::vector<std::uint32_t> frequencies = std::vector<std::uint32_t>(kRoom);
  std::vector<std::int32_t> scores = std::vector<std::int32_t>(kRoom);
};

TEST(ScoreKernels, ScoreByTheFormula) {
  // 1000 * 3 / (3 + 0.75), and 1000 * 1 / (1 + 0.25).
  const std::vector<float> norms = {0.75f, 9, 0.25f};
  Posted posted;
  posted.documents[0] = 0, posted.documents[1] = 2;
  posted.frequencies[0] = 3, posted.frequencies[1] = 1;
  score_bm25(posted.documents.data(), posted.frequencies.data(), 2, norms.data(), 1000, posted.scores.data());
  EXPECT_EQ(posted.scores[0], 800);
  EXPECT_EQ(posted.scores[1], 800);
  EXPECT_EQ(bm25_of(1000, 3, 0.75f), 800);
  EXPECT_EQ(bm25_of(0.001f, 1, 1), 1) << "a match is never nothing";
  EXPECT_EQ(impact_of(2.5f, 7), 18) << "17.5 goes to the even number";
}

TEST(ScoreKernels, ScoreTheSameWithVectorsAndWithout) {
  std::mt19937 random(4);
  std::vector<float> norms(5000);
  for (float& norm : norms) norm = static_cast<float>(random() % 10'000) / 3000;
  for (int round = 0; round < 300; ++round) {
    Posted fast;
    const std::size_t count = 1 + random() % 128;
    for (std::size_t i = 0; i < count; ++i) {
      fast.documents[i] = static_cast<std::uint32_t>(random() % norms.size());
      fast.frequencies[i] = 1 + static_cast<std::uint32_t>(random() % (round % 2 == 0 ? 4 : 100'000));
    }
    Posted slow = fast;
    const auto weight = static_cast<float>(random() % (1 << 29)) / static_cast<float>(1 + random() % 1000);
    score_bm25(fast.documents.data(), fast.frequencies.data(), count, norms.data(), weight, fast.scores.data());
    score_bm25_scalar(slow.documents.data(), slow.frequencies.data(), count, norms.data(), weight, slow.scores.data());
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(fast.scores[i], slow.scores[i]);
    const std::vector<float> weights(kRoom, weight);
    score_bm25_weights(fast.documents.data(), fast.frequencies.data(), count, norms.data(), weights.data(),
                       fast.scores.data());
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(fast.scores[i], slow.scores[i]);
    score_impacts(fast.frequencies.data(), count, weight / 200'000, fast.scores.data());
    score_impacts_scalar(slow.frequencies.data(), count, weight / 200'000, slow.scores.data());
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(fast.scores[i], slow.scores[i]);
  }
}

TEST(ScoreKernels, CollectWhatReachesTheCutAndClearTheRest) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const std::size_t groups = 1 + random() % 64, size = groups * kTouchedDocuments;
    std::vector<std::int32_t> scores(size, 0);
    std::vector<std::uint8_t> touched(72, 0);
    for (std::size_t i = 0; i < random() % size; ++i) {
      const std::size_t at = random() % size;
      scores[at] = static_cast<std::int32_t>(1 + random() % 100);
      touched[at / kTouchedDocuments] = 1;
    }
    auto slow_scores = scores;
    auto slow_touched = touched;
    Posted fast, slow;
    fast.documents.resize(size + kKernelPadding), fast.scores.resize(size + kKernelPadding);
    slow.documents.resize(size + kKernelPadding), slow.scores.resize(size + kKernelPadding);
    const auto cut = static_cast<std::int32_t>(1 + random() % 100);
    const std::size_t found =
        collect(scores.data(), touched.data(), groups, cut, 7000, fast.documents.data(), fast.scores.data());
    ASSERT_EQ(found, collect_scalar(slow_scores.data(), slow_touched.data(), groups, cut, 7000, slow.documents.data(),
                                    slow.scores.data()));
    for (std::size_t i = 0; i < found; ++i) {
      ASSERT_EQ(fast.documents[i], slow.documents[i]);
      ASSERT_EQ(fast.scores[i], slow.scores[i]);
    }
    EXPECT_THAT(scores, Each(0));
    EXPECT_THAT(touched, Each(0));
  }
}

TEST(ScoreKernels, KeepPairsInTheirPlaceOrElsewhere) {
  std::mt19937 random(6);
  for (int round = 0; round < 200; ++round) {
    Posted posted, slow;
    const std::size_t count = random() % 129;
    for (std::size_t i = 0; i < count; ++i) {
      posted.documents[i] = static_cast<std::uint32_t>(i);
      posted.scores[i] = static_cast<std::int32_t>(random() % 20);
    }
    const auto cut = static_cast<std::int32_t>(random() % 22) - 1;
    const std::size_t kept = keep_at_least_scalar(posted.documents.data(), posted.scores.data(), count, cut,
                                                  slow.documents.data(), slow.scores.data());
    ASSERT_EQ(kept, keep_at_least(posted.documents.data(), posted.scores.data(), count, cut, posted.documents.data(),
                                  posted.scores.data()));
    for (std::size_t i = 0; i < kept; ++i) {
      ASSERT_EQ(posted.documents[i], slow.documents[i]);
      ASSERT_EQ(posted.scores[i], slow.scores[i]);
    }
  }
}

TEST(ScoreKernels, CountNumbersBelow) {
  std::vector<std::uint32_t> numbers(128, 0xFFFFFFFF);
  numbers[0] = 3, numbers[1] = 0x80000000, numbers[2] = 0xFFFFFFF0;
  const std::vector<std::uint32_t> wanted = {0, 3, 4, 0x7FFFFFFF, 0x80000001, 0xFFFFFFFF};
  std::vector<std::uint32_t> fast(wanted.size()), slow(wanted.size());
  count_below(numbers.data(), wanted.data(), wanted.size(), fast.data());
  count_below_scalar(numbers.data(), wanted.data(), wanted.size(), slow.data());
  EXPECT_THAT(fast, ElementsAre(0, 0, 1, 1, 2, 3));
  EXPECT_EQ(slow, fast);
}

TEST(LengthCodes, RoundDownByLessThanAnEighth) {
  EXPECT_EQ(floor_length(0), 0);
  EXPECT_EQ(length_of_code(floor_length(31)), 31u);
  EXPECT_EQ(length_of_code(floor_length(1000)), 960u);
  std::uint8_t last = 0;
  for (std::uint64_t length = 0; length <= 0xFFFFFFFF; length += 1 + length / 50) {
    const std::uint8_t code = floor_length(static_cast<std::uint32_t>(length));
    ASSERT_LT(code, kLengthCodes);
    ASSERT_GE(code, last);
    ASSERT_LE(length_of_code(code), length);
    ASSERT_GE(length_of_code(code), length - length / 8);
    last = code;
  }
}

}  // namespace
}  // namespace dragoman
