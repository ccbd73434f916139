#include "multivector/codebook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "multivector/panel.h"
#include "token_vectors.h"

namespace dragoman {
namespace {

TEST(Draw, GivesSoManyDifferentNumbersInAscendingOrder) {
  const auto drawn = draw(10, 1000, 3);
  EXPECT_EQ(drawn.size(), 10u);
  EXPECT_EQ(std::set(drawn.begin(), drawn.end()).size(), 10u);
  EXPECT_TRUE(std::ranges::is_sorted(drawn));
  EXPECT_LT(drawn.back(), 1000u);
  EXPECT_NE(drawn, draw(10, 1000, 4));
  EXPECT_EQ(draw(3, 3, 9), (std::vector<std::size_t>{0, 1, 2}));
}

// Points on a plane, in 32 dimensions of which the rest is 0.
std::vector<std::int16_t> points(const std::vector<std::pair<int, int>>& places) {
  std::vector<std::int16_t> values(places.size() * 32);
  for (std::size_t i = 0; i < places.size(); ++i) {
    values[i * 32] = static_cast<std::int16_t>(places[i].first);
    values[i * 32 + 1] = static_cast<std::int16_t>(places[i].second);
  }
  return values;
}

TEST(KMeans, FindsTheMeansOfTwoHeaps) {
  const auto given = points({{100, 0}, {110, 0}, {105, 3}, {0, 50}, {0, 60}, {3, 55}});
  for (std::uint64_t seed = 1; seed < 8; ++seed) {
    const Centroids found = k_means(given.data(), 6, 32, {2, 8, seed, 1, {}});
    std::vector<std::uint32_t> nearest(6);
    assign(given.data(), 6, found.rows.data(), found.scales.data(), found.biases.data(), 2, 32, nearest.data());
    EXPECT_EQ(nearest[0], nearest[1]);
    EXPECT_EQ(nearest[0], nearest[2]);
    EXPECT_EQ(nearest[3], nearest[4]);
    EXPECT_EQ(nearest[3], nearest[5]);
    EXPECT_NE(nearest[0], nearest[3]);
    const std::uint32_t c = nearest[0];
    EXPECT_NEAR(static_cast<float>(found.rows[c * 32]) * found.scales[c], 105, 1);
    EXPECT_NEAR(static_cast<float>(found.rows[c * 32 + 1]) * found.scales[c], 1, 1);
  }
}

TEST(KMeans, NearestIsByDistanceNotByProduct) {
  // The long centroid has the larger product with the point, the short one is where it lies.
  Centroids centroids{2, 32, AlignedVector<std::int8_t>(64), std::vector<float>(2), std::vector<float>(2)};
  std::vector<double> far(32), near(32);
  far[0] = 1000, near[0] = 100;
  centroids.set(0, far.data());
  centroids.set(1, near.data());
  const auto given = points({{120, 0}});
  std::uint32_t nearest = 9;
  assign(given.data(), 1, centroids.rows.data(), centroids.scales.data(), centroids.biases.data(), 2, 32, &nearest);
  EXPECT_EQ(nearest, 1u);
}

TEST(KMeans, EqualPointsLeaveNoCentroidWithoutOne) {
  const auto given = points(std::vector<std::pair<int, int>>(50, {7, 7}));
  const Centroids found = k_means(given.data(), 50, 32, {8, 3, 1, 2, {}});
  for (std::size_t c = 0; c < 8; ++c) EXPECT_NEAR(static_cast<float>(found.rows[c * 32]) * found.scales[c], 7, 0.01);
}

TEST(Levels, OfTwoHeapsAreTheHeaps) {
  LevelTrainer trainer;
  for (int i = 0; i < 100; ++i) trainer.add(i % 2 == 0 ? -1.0 : 0.5);
  const auto levels = trainer.levels(1).steps;
  EXPECT_EQ(levels[0], -127);
  EXPECT_NEAR(levels[1], 64, 1);
}

TEST(Levels, AscendAndReachTheLargest) {
  Random random(1);
  LevelTrainer trainer;
  for (int i = 0; i < 20000; ++i) trainer.add(test::normal(random));
  for (const unsigned bits : {1u, 2u, 4u}) {
    const auto levels = trainer.levels(bits).steps;
    const std::size_t count = std::size_t{1} << bits;
    EXPECT_TRUE(std::is_sorted(levels.begin(), levels.begin() + count)) << bits;
    EXPECT_EQ(std::max(-levels[0], +levels[count - 1]), 127) << bits;
  }
  // The best four levels of the normal distribution: +-0.4528 and +-1.510 (Max 1960).
  EXPECT_NEAR(trainer.levels(2).steps[2], 127 * 0.4528 / 1.510, 3);
}

TEST(Packing, KeepsCodesOfAnyWidth) {
  Random random(2);
  for (const unsigned bits : {1u, 2u, 4u}) {
    std::vector<std::uint8_t> codes(256), again(256), packed(256 * bits / 8);
    for (auto& code : codes) code = static_cast<std::uint8_t>(random.below(1u << bits));
    pack(codes.data(), 256, bits, packed.data());
    unpack(packed.data(), 256, bits, again.data());
    EXPECT_EQ(again, codes);
  }
}

TEST(Packing, PutsDimensionsSixteenApartIntoOneByte) {
  std::vector<std::uint8_t> codes(32), packed(16);
  codes[0] = 3, codes[16] = 12, codes[31] = 1;
  pack(codes.data(), 32, 4, packed.data());
  EXPECT_EQ(packed[0], 0xC3);
  EXPECT_EQ(packed[15], 0x10);
}

/// Mean squared error of vectors that were compressed and decompressed, in parts of their squared residuals.
double lost(unsigned bits) {
  constexpr std::size_t kDimension = 100;
  test::TokenVectors source(kDimension);
  const auto vectors = source.text(2000), others = source.text(500);
  const std::size_t padded = padded_dimension(kDimension, bits);
  Sample sample{kDimension, padded, 2000, 1.0f / 8191, {}};
  sample.points.resize(2000 * padded);
  to_points(vectors.data(), 2000, kDimension, padded, sample.unit, sample.points.data());
  const Codebook codebook(sample, {bits, 64, 4, 1, 1, {}});
  const Compressor compressor(codebook.view());
  std::vector<std::uint16_t> centroids(500), scales(500);
  std::vector<std::uint8_t> codes(500 * codebook.view().code_bytes());
  compressor.compress(others.data(), 500, centroids.data(), scales.data(), codes.data());
  double error = 0;
  std::vector<float> again(kDimension);
  for (std::size_t i = 0; i < 500; ++i) {
    decompress(codebook.view(), centroids[i], scales[i], codes.data() + i * codebook.view().code_bytes(), again.data());
    for (std::size_t d = 0; d < kDimension; ++d) error += std::pow(again[d] - others[i * kDimension + d], 2);
  }
  return error / 500 / compressor.residual_error(others.data(), 500);
}

TEST(Compressor, LosesWhatTheBestLevelsOfNormalNumbersLose) {
  // Max, "Quantizing for Minimum Distortion", IRE Transactions on Information Theory 1960, table I: .3634, .1175,
  // .009497.
  EXPECT_NEAR(lost(1), 0.3634, 0.03);
  EXPECT_NEAR(lost(2), 0.1175, 0.015);
  EXPECT_NEAR(lost(4), 0.0095, 0.002);
}

TEST(Codebook, OfNothingIsOneCentroidAtTheOrigin) {
  const Codebook codebook(Sample{3, 32, 0, 1, {}}, {4, 1, 4, 1, 1, {}});
  EXPECT_EQ(codebook.view().count, 1u);
  EXPECT_EQ(codebook.view().residual_error, 0);
}

TEST(Codebook, IdTellsCodebooksApart) {
  test::TokenVectors source(32);
  const auto vectors = source.text(300);
  Sample sample{32, 32, 300, 1.0f / 8191, {}};
  sample.points.resize(300 * 32);
  to_points(vectors.data(), 300, 32, 32, sample.unit, sample.points.data());
  const Codebook one(sample, {4, 8, 4, 1, 1, {}}), same(sample, {4, 8, 4, 1, 2, {}}),
      other(sample, {4, 8, 4, 2, 1, {}});
  EXPECT_EQ(one.view().id(), same.view().id());
  EXPECT_NE(one.view().id(), other.view().id());
  EXPECT_EQ(Codebook(one.view()).view().id(), one.view().id());
}

}  // namespace
}  // namespace dragoman
