#include "encode/forward/linear.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "dragoman/base/error.h"
#include "encode/forward/kernels_scalar.h"
#include "encode/forward/numbers.h"
#include "encode/forward/token_pooling.h"

namespace dragoman {
namespace {

using test::numbers;
using testing::ElementsAre;

constexpr std::size_t kRows = 70, kOutputs = 40, kInputs = 96;  // More rows than go through oneDNN at once.

class LinearTest : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override {
    if (!is_fast(GetParam())) GTEST_SKIP() << "this processor has no products in " << to_string(GetParam());
    linear_ = make_linear(GetParam(), weights_, bias_, kOutputs, kInputs);
    rows_.assign(GetParam(), x_.data(), kRows, kInputs);
  }
  double expected(std::size_t row, std::size_t output) const {
    double sum = bias_[output];
    for (std::size_t i = 0; i < kInputs; ++i) {
      sum += static_cast<double>(x_[row * kInputs + i]) * weights_[output * kInputs + i];
    }
    return sum;
  }
  /// Of one product of 96 numbers in [-1, 1).
  double tolerance() const { return GetParam() == Precision::f32 ? 2e-5 : 0.1; }

  std::vector<float> weights_ = numbers(kOutputs * kInputs, -1, 1, 1), bias_ = numbers(kOutputs, -1, 1, 2);
  std::vector<float> x_ = numbers(kRows * kInputs, -1, 1, 3);
  std::unique_ptr<Linear> linear_;
  Rows rows_;
};

TEST_P(LinearTest, IsRowsTimesTheTransposedMatrixPlusBias) {
  std::vector<float> y(kRows * kOutputs);
  linear_->apply(rows_, Then::store, y.data(), kOutputs);
  for (std::size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], expected(i / kOutputs, i % kOutputs), tolerance()) << i;
}

TEST_P(LinearTest, AddsToWhatIsThere) {
  std::vector<float> y(kRows * kOutputs, 10);
  linear_->apply(rows_, Then::add, y.data(), kOutputs);
  for (std::size_t i = 0; i < y.size(); ++i) {
    ASSERT_NEAR(y[i], 10 + expected(i / kOutputs, i % kOutputs), tolerance()) << i;
  }
}

TEST_P(LinearTest, AppliesGelu) {
  std::vector<float> y(kRows * kOutputs);
  linear_->apply(rows_, Then::gelu, y.data(), kOutputs);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double x = expected(i / kOutputs, i % kOutputs);
    ASSERT_NEAR(y[i], 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))), 1.2 * tolerance() + 3e-4) << i;
  }
}

TEST_P(LinearTest, StoresBfloat16) {
  if (GetParam() == Precision::f32) GTEST_SKIP() << "nobody asks 32-bit products for bfloat16";
  std::vector<float> y(kRows * kOutputs);
  std::vector<std::uint16_t> rounded(y.size()), stored(y.size());
  linear_->apply(rows_, Then::store, y.data(), kOutputs);
  scalar::to_bf16(y.data(), y.size(), rounded.data());
  linear_->apply_bf16(rows_, stored.data(), kOutputs);
  EXPECT_EQ(stored, rounded);
}

TEST_P(LinearTest, LeavesWhatLiesBetweenRowsAlone) {
  std::vector<float> y(kRows * (kOutputs + 3), -7);
  linear_->apply(rows_, Then::store, y.data(), kOutputs + 3);
  for (std::size_t row = 0; row < kRows; ++row) {
    ASSERT_NEAR(y[row * (kOutputs + 3)], expected(row, 0), tolerance());
    for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(y[row * (kOutputs + 3) + kOutputs + i], -7);
  }
}

TEST_P(LinearTest, GivesTheSameBitsFromSeveralThreads) {
  std::vector<std::vector<float>> results(4, std::vector<float>(kRows * kOutputs));
  std::vector<std::thread> threads;
  for (auto& y : results) {
    threads.emplace_back([&] {
      Rows rows;
      rows.assign(GetParam(), x_.data(), kRows, kInputs);
      linear_->apply(rows, Then::store, y.data(), kOutputs);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& y : results) EXPECT_EQ(y, results[0]);
}

INSTANTIATE_TEST_SUITE_P(Precisions, LinearTest, testing::Values(Precision::f32, Precision::bf16, Precision::int8),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

// Two pairs of equal directions: the pairs are joined, and the groups stand in the order of their first tokens.
TEST(TokenPooling, JoinsTheVectorsThatAreMostAlike) {
  const std::vector<float> vectors = {1, 0, 0, 1, 1, 0, 0, 1};
  EXPECT_THAT(pool_tokens(vectors, 2, 2), ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(pool_tokens(vectors, 2, 1), ElementsAre(1, 0, 0, 1, 1, 0, 0, 1));
}

TEST(TokenPooling, KeepsOneVectorOfAFactorAsLargeAsTheText) {
  EXPECT_THAT(pool_tokens(std::vector<float>{1, 0, 0, 1}, 2, 2), ElementsAre(0.5f, 0.5f));
  EXPECT_THAT(pool_tokens(std::vector<float>{1, 0, 0, 1}, 2, 100), ElementsAre(0.5f, 0.5f));
  EXPECT_THAT(pool_tokens(std::vector<float>{1, 0}, 2, 3), ElementsAre(1, 0));
}

// 0.6, 0.8 is nearer to 0, 1 (distance^2 0.4) than to 1, 0 (0.8). Three tokens by 2 leave two.
TEST(TokenPooling, RoundsTheNumberOfVectorsUp) {
  const auto pooled = pool_tokens(std::vector<float>{1, 0, 0.6f, 0.8f, 0, 1}, 2, 2);
  ASSERT_EQ(pooled.size(), 4u);
  EXPECT_EQ(pooled[0], 1);
  EXPECT_NEAR(pooled[2], 0.3, 1e-6);
  EXPECT_NEAR(pooled[3], 0.9, 1e-6);
}

}  // namespace
}  // namespace dragoman
