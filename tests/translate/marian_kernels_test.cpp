#include <gmock/gmock.h>

#include <random>
#include <vector>

#include "encode/forward/aligned.h"
#include "encode/forward/int8_matrix.h"
#include "translate/marian/affine.h"
#include "translate/marian/kernels.h"
#include "translate/marian/kernels_scalar.h"

namespace dragoman::marian {
namespace {

/// Odd sizes, so that every rest of a vector comes up.
constexpr std::size_t kSizes[] = {1, 3, 15, 16, 17, 64, 100, 257};

class Random {
 public:
  float operator()(float deviation = 1) { return deviation * normal_(engine_); }
  std::vector<float> many(std::size_t size, float deviation = 1) {
    std::vector<float> values(size);
    for (float& value : values) value = (*this)(deviation);
    return values;
  }

 private:
  std::mt19937_64 engine_{20261128};
  std::normal_distribution<float> normal_;
};

TEST(MarianKernels, QuantizeRoundsHalvesToEvenAndCutsOff) {
  const std::vector<float> x = {0, 0.5f, 1.5f, -0.5f, -1.5f, 1000, -1000};
  std::vector<std::uint8_t> bytes(x.size());
  quantize(x.data(), x.size(), 1, Rectify::no, bytes.data());
  EXPECT_THAT(bytes, testing::ElementsAre(128, 128, 130, 128, 126, 255, 1));
  quantize(x.data(), x.size(), 1, Rectify::yes, bytes.data());
  EXPECT_THAT(bytes, testing::ElementsAre(128, 128, 130, 128, 128, 255, 128));
}

TEST(MarianKernels, QuantizeIsItsScalarTwin) {
  Random random;
  for (const std::size_t n : kSizes) {
    const auto x = random.many(n, 5);
    std::vector<std::uint8_t> fast(n), slow(n);
    for (const Rectify rectify : {Rectify::no, Rectify::yes}) {
      quantize(x.data(), n, 13.7f, rectify, fast.data());
      scalar::quantize(x.data(), n, 13.7f, rectify, slow.data());
      EXPECT_EQ(fast, slow) << n;
    }
  }
}

TEST(MarianKernels, MultiplyGivesEachRowTheBitsOfTheScalarTwin) {
  Random random;
  for (const std::size_t outputs : {1u, 33u, 64u, 200u}) {
    for (const std::size_t rows : {1u, 2u, 4u, 5u, 7u}) {
      constexpr std::size_t kInputs = 37;
      const std::size_t padded = round_up(outputs, FloatPanels::kPanel);
      AlignedVector<float> weights(padded * kInputs), bias(padded);
      for (float& w : weights) w = random();
      for (float& b : bias) b = random();
      const auto x = random.many(rows * kInputs);
      std::vector<float> fast(rows * outputs), slow(rows * outputs);
      const FloatPanels panels{weights.data(), bias.data(), outputs, kInputs};
      multiply(panels, x.data(), rows, fast.data(), outputs);
      scalar::multiply(panels, x.data(), rows, slow.data(), outputs);
      EXPECT_THAT(fast, testing::Pointwise(testing::FloatNear(2e-5f), slow)) << outputs << ' ' << rows;
      std::vector<float> alone(outputs);
      multiply(panels, x.data() + (rows - 1) * kInputs, 1, alone.data(), outputs);
      EXPECT_TRUE(std::equal(alone.begin(), alone.end(), fast.end() - static_cast<std::ptrdiff_t>(outputs)));
    }
  }
}

TEST(MarianKernels, RecurIsItsScalarTwin) {
  Random random;
  for (const std::size_t n : kSizes) {
    const auto value = random.many(n), forget = random.many(n, 3);
    auto fast_cell = random.many(n), fast = random.many(n);
    auto slow_cell = fast_cell, slow = fast;
    recur(value.data(), forget.data(), n, fast_cell.data(), fast.data());
    scalar::recur(value.data(), forget.data(), n, slow_cell.data(), slow.data());
    EXPECT_THAT(fast_cell, testing::Pointwise(testing::FloatNear(1e-6f), slow_cell));
    EXPECT_THAT(fast, testing::Pointwise(testing::FloatNear(1e-6f), slow));
  }
}

TEST(MarianKernels, AttendIsItsScalarTwin) {
  Random random;
  for (const std::size_t size : {4u, 20u, 32u}) {
    for (const std::size_t tokens : {1u, 5u, 16u, 31u, 70u}) {
      constexpr std::size_t kHeads = 2;
      const std::size_t hidden = kHeads * size, padded = round_up(tokens, kTokenStep);
      std::vector<float> keys(hidden * padded, 0);
      for (std::size_t k = 0; k < hidden; ++k) {
        for (std::size_t j = 0; j < tokens; ++j) keys[k * padded + j] = random();
      }
      const auto query = random.many(hidden, 2), values = random.many(tokens * hidden);
      std::vector<float> weights(padded), fast(hidden), slow(hidden);
      const OneQuery input{query.data(), keys.data(), values.data(), tokens, padded, kHeads, size};
      attend(input, weights.data(), fast.data());
      scalar::attend(input, weights.data(), slow.data());
      EXPECT_THAT(fast, testing::Pointwise(testing::FloatNear(1e-5f), slow)) << size << ' ' << tokens;
    }
  }
}

TEST(MarianKernels, LogSumExpIsItsScalarTwin) {
  Random random;
  for (const std::size_t n : kSizes) {
    const auto x = random.many(n, 20);
    EXPECT_NEAR(log_sum_exp(x.data(), n), scalar::log_sum_exp(x.data(), n), 1e-5);
  }
}

// Rows of a matrix that is in 8 bits already: whole-number sums, so both ways give the same bits.
TEST(Affine, TakesRowsInEightBitsAsTheyAre) {
  std::mt19937_64 random(3);
  std::uniform_int_distribution<int> any(-127, 127);
  constexpr std::size_t kInputs = 18, kRows = 100;
  std::vector<std::int8_t> weights(kRows * kInputs);
  for (auto& w : weights) w = static_cast<std::int8_t>(any(random));
  std::vector<float> bias(kRows);
  for (std::size_t i = 0; i < kRows; ++i) bias[i] = static_cast<float>(i);
  const std::vector<std::uint32_t> rows = {99, 0, 7};
  const Affine affine(Precision::int8, {weights.data(), kRows, kInputs, 2, 1}, bias, rows);
  std::vector<float> x(kInputs);
  for (float& value : x) value = static_cast<float>(any(random));
  Inputs inputs;
  inputs.assign(Precision::int8, x.data(), 1, kInputs, affine.input_multiplier());
  std::vector<float> y(rows.size());
  affine.apply(inputs, y.data(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    float sum = 0;
    for (std::size_t k = 0; k < kInputs; ++k) sum += x[k] * weights[rows[i] * kInputs + k];
    EXPECT_EQ(y[i], sum / 2 + bias[rows[i]]);
  }
}

}  // namespace
}  // namespace dragoman::marian
