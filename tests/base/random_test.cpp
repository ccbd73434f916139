#include "base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace dragoman {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Lt;

TEST(Random, IsTheEngineThatTheStandardPrescribes) {
  Random random(5489);
  for (int i = 1; i < 10'000; ++i) random.bits();
  EXPECT_EQ(random.bits(), 9981545732273789042u);  // [rand.predef]: the 10,000th of a default one
}

std::vector<std::uint32_t> draw(std::uint32_t bound, std::size_t count, std::uint64_t seed = 1) {
  std::vector<std::uint32_t> drawn;
  Random(seed).below(bound, count, [&](std::uint32_t number) { drawn.push_back(number); });
  return drawn;
}

TEST(Random, DrawsTheSameWithTheSameSeedEverywhere) {
  EXPECT_EQ(draw(1000, 50), draw(1000, 50));
  EXPECT_NE(draw(1000, 50), draw(1000, 50, 2));
  Random random(1);
  EXPECT_THAT((std::vector{random.below(1000), random.below(1000), random.below(1000)}), ElementsAre(133, 136, 451));
  EXPECT_THAT(draw(1000, 5), ElementsAre(435, 732, 739, 133, 977));
  EXPECT_THAT(draw(100'000, 3), ElementsAre(13387, 13640, 45121));
}

TEST(Random, StaysBelowTheBound) {
  for (const std::uint32_t bound : {1u, 2u, 3u, 1190u, 1u << 16, (1u << 16) + 1, 4'294'967'295u}) {
    EXPECT_THAT(draw(bound, 500), Each(Lt(bound)));
    Random random(7);
    for (int i = 0; i < 500; ++i) ASSERT_LT(random.below(bound), bound);
  }
}

// Without rejection, 3 * 2^14 would give a third of its numbers twice as often as the others.
TEST(Random, DrawsEachThirdOfAnAwkwardBoundAlikeOften) {
  std::vector<int> count(3);
  for (const std::uint32_t number : draw(3u << 14, 90'000)) ++count[number % 3];
  for (const int of_third : count) EXPECT_NEAR(of_third, 30'000, 600);  // more than 4 standard deviations
}

}  // namespace
}  // namespace dragoman
