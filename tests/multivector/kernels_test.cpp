#include "multivector/kernels.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "multivector/panel.h"
#include "multivector/residual_code.h"
#include "token_vectors.h"

namespace dragoman {
namespace {

/// Random arguments for the kernels: any number of lanes and rows, whole blocks of dimensions.
struct Arguments {
  explicit Arguments(std::uint64_t seed) : random(seed) {
    bits = 1u << random.below(3);
    padded = padded_dimension(1 + random.below(300), bits);
    tokens = 1 + random.below(70);
    count = 1 + random.below(30);
    for (std::size_t i = 0; i < tokens * padded; ++i) query.push_back(test::normal(random));
    for (std::size_t i = 0; i < count * padded; ++i) rows.push_back(static_cast<std::int8_t>(random.below(255)));
    for (auto& byte : rows) byte = byte == -128 ? std::int8_t{127} : byte;
    for (std::size_t i = 0; i < count; ++i) {
      scales.push_back(static_cast<float>(random.below(1000)) / 1000);
      biases.push_back(static_cast<float>(random.below(1000)) * 100);
      centroids.push_back(static_cast<std::uint16_t>(random.below(static_cast<std::uint32_t>(count))));
      vector_scales.push_back(static_cast<std::uint16_t>(random.below(65536)));
    }
    for (std::size_t i = 0; i < count * padded * bits / 8; ++i)
      codes.push_back(static_cast<std::uint8_t>(random.below(256)));
    for (std::size_t i = 0; i < std::size_t{1} << bits; ++i)
      levels[i] = static_cast<std::int8_t>(static_cast<int>(random.below(255)) - 127);
  }

  Panel panel() const { return Panel({query, tokens, padded}, nullptr, padded); }

  Random random;
  unsigned bits = 4;
  std::size_t padded = 0, tokens = 0, count = 0;
  std::vector<float> query, scales, biases;
  std::vector<std::int8_t> rows;
  std::vector<std::uint16_t> centroids, vector_scales;
  std::vector<std::uint8_t> codes;
  std::array<std::int8_t, kCodeBlock> levels{};
};

class KernelsAgreeWithPlainCode : public testing::TestWithParam<std::uint64_t> {};

TEST_P(KernelsAgreeWithPlainCode, ToTheBit) {
  const Arguments given(GetParam());
  const Panel panel = given.panel();
  const std::size_t lanes = panel.lanes();
  std::vector<float> scores(given.count * lanes), plain_scores(scores.size());
  score_rows(panel.view(), given.rows.data(), given.scales.data(), given.count, scores.data());
  scalar::score_rows(panel.view(), given.rows.data(), given.scales.data(), given.count, plain_scores.data());
  EXPECT_EQ(scores, plain_scores);

  std::vector<float> nearest(lanes, -1e30f), plain_nearest = nearest;
  std::vector<std::uint32_t> best(lanes), plain_best(lanes);
  find_nearest(panel.view(), given.rows.data(), given.scales.data(), given.biases.data(), given.count, 7,
               nearest.data(), best.data());
  scalar::find_nearest(panel.view(), given.rows.data(), given.scales.data(), given.biases.data(), given.count, 7,
                       plain_nearest.data(), plain_best.data());
  EXPECT_EQ(best, plain_best);
  EXPECT_EQ(nearest, plain_nearest);

  const CodesView codes{given.codes.data(), given.levels.data(), given.bits};
  std::vector<float> most(lanes, -1e30f), plain_most = most;
  max_over_tokens(panel.view(), codes, scores.data(), given.centroids.data(), given.vector_scales.data(), 1e-5f,
                  given.count, most.data());
  scalar::max_over_tokens(panel.view(), codes, scores.data(), given.centroids.data(), given.vector_scales.data(), 1e-5f,
                          given.count, plain_most.data());
  EXPECT_EQ(most, plain_most);

  std::vector<float> floors(lanes, -0.5f);
  std::vector<std::uint8_t> steps(scores.size()), plain_steps(scores.size());
  quantize_scores(scores.data(), floors.data(), 60, lanes, given.count, steps.data());
  scalar::quantize_scores(scores.data(), floors.data(), 60, lanes, given.count, plain_steps.data());
  EXPECT_EQ(steps, plain_steps);
  EXPECT_EQ(sum_of_max(steps.data(), lanes, given.centroids.data(), given.count),
            scalar::sum_of_max(steps.data(), lanes, given.centroids.data(), given.count));

  const std::vector<float> floats(given.query.begin(), given.query.begin() + static_cast<std::ptrdiff_t>(given.padded));
  std::vector<float> panel_of_floats(given.padded * lanes), products(lanes, -1), plain_products = products;
  for (float& value : panel_of_floats) value = static_cast<float>(value + 0.25);
  for (std::size_t i = 0; i < panel_of_floats.size(); ++i) panel_of_floats[i] = given.query[i % given.query.size()];
  max_products(panel_of_floats.data(), lanes, floats.data(), given.padded, 1, products.data());
  scalar::max_products(panel_of_floats.data(), lanes, floats.data(), given.padded, 1, plain_products.data());
  EXPECT_EQ(products, plain_products);
}

INSTANTIATE_TEST_SUITE_P(Seeds, KernelsAgreeWithPlainCode, testing::Range<std::uint64_t>(0, 60));

TEST(Kernels, LargestNumbersOfAllDimensionsFitInto32Bits) {
  for (const std::size_t padded : {32ul, 1024ul, 2080ul, kMaxDimension}) {
    const std::vector<float> query(padded, 1);
    const std::vector<std::int8_t> row(padded, 127);
    const float scale = 1.0f / 127;
    const Panel panel({query, 1, padded}, nullptr, padded);
    std::vector<float> score(panel.lanes());
    score_rows(panel.view(), row.data(), &scale, 1, score.data());
    EXPECT_NEAR(score[0], static_cast<float>(padded), static_cast<float>(padded) * 1e-5f);
  }
}

TEST(Kernels, SumOfMaxTakesTheBestRowOfEachLane) {
  // Two rows of sixteen lanes: lane 0 is best in the first, lane 1 in the second.
  std::vector<std::uint8_t> rows(32);
  rows[0] = 200, rows[16] = 10;
  rows[1] = 5, rows[17] = 30;
  const std::array<std::uint16_t, 3> centroids = {0, 1, 0};
  EXPECT_EQ(sum_of_max(rows.data(), 16, centroids.data(), 3), 230u);
  EXPECT_EQ(sum_of_max(rows.data(), 16, centroids.data(), 1), 205u);
}

}  // namespace
}  // namespace dragoman
