#include "encode/forward/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "encode/forward/aligned.h"
#include "encode/forward/int8_matrix.h"
#include "encode/forward/kernels_scalar.h"
#include "encode/forward/numbers.h"
#include "encode/forward/processor.h"
#if defined(__x86_64__)
#include "encode/forward/attention_bf16.h"
#endif

namespace dragoman {
namespace {

using test::numbers;

// Lengths around those of vectors: shorter than one, whole ones, and with a rest.
class RowKernels : public testing::TestWithParam<std::size_t> {};

TEST_P(RowKernels, LayerNormIsThatOfThePaper) {
  const std::size_t n = GetParam();
  std::vector<float> x = numbers(n, -3, 5), expected = x;
  const auto weight = numbers(n, 0.5, 1.5), bias = numbers(n, -1, 1);
  layer_norm(x.data(), n, weight.data(), bias.data(), 1e-12f);
  scalar::layer_norm(expected.data(), n, weight.data(), bias.data(), 1e-12f);
  for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(x[i], expected[i], 2e-6) << i;
}

TEST_P(RowKernels, RoundingToEightBitsIsExact) {
  const std::size_t n = GetParam();
  const auto x = numbers(n, -3, 5), centre = numbers(n, -1, 1), gain = numbers(n, 0.25, 4);
  for (const Levelling& levelling :
       {Levelling{}, Levelling{centre.data(), gain.data()}, Levelling{centre.data(), gain.data(), true}}) {
    std::vector<std::uint8_t> bytes(n), expected(n), shortest(n);
    const float scale = quantize(x.data(), n, levelling, bytes.data());
    EXPECT_EQ(scale, scalar::quantize(x.data(), n, levelling, expected.data()));
    EXPECT_EQ(bytes, expected);
    EXPECT_EQ(quantize_row(x.data(), n, levelling, shortest.data()), scale);
    EXPECT_EQ(shortest, expected);
  }
}

TEST_P(RowKernels, RoundingToBfloat16IsExact) {
  const std::size_t n = GetParam();
  const auto x = numbers(n, -3, 5);
  std::vector<std::uint16_t> rounded(n), expected(n);
  to_bf16(x.data(), n, rounded.data());
  scalar::to_bf16(x.data(), n, expected.data());
  EXPECT_EQ(rounded, expected);
}

TEST_P(RowKernels, ActivationsAreTheirFormulas) {
  const std::size_t n = GetParam();
  for (const auto activation : {Activation::gelu, Activation::gelu_tanh, Activation::relu, Activation::silu}) {
    std::vector<float> x = numbers(n, -12, 12), expected = x;
    activate(activation, x.data(), n);
    scalar::activate(activation, expected.data(), n);
    for (std::size_t i = 0; i < n; ++i)
      EXPECT_NEAR(x[i], expected[i], 3e-6) << static_cast<int>(activation) << " " << i;
  }
}

TEST_P(RowKernels, FindsTheNextNumberAboveAFloor) {
  const std::size_t n = GetParam();
  std::vector<float> x(n, 0.5f);
  EXPECT_EQ(next_above(x.data(), 0, n, 0.5f), n);
  x[n - 1] = 0.75f;
  EXPECT_EQ(next_above(x.data(), 0, n, 0.5f), n - 1);
  EXPECT_EQ(next_above(x.data(), n, n, 0.5f), n);
  x[0] = 2;
  EXPECT_EQ(next_above(x.data(), 0, n, 0.5f), 0u);
}

TEST_P(RowKernels, SumsAndProducts) {
  const std::size_t n = GetParam();
  const auto x = numbers(n, -1, 1), y = numbers(n, -1, 2);
  double expected = 0;
  for (std::size_t i = 0; i < n; ++i) expected += static_cast<double>(x[i]) * y[i];
  EXPECT_NEAR(dot(x.data(), y.data(), n), expected, 1e-6 * static_cast<double>(n));
  auto sum = x, product = x;
  add(sum.data(), y.data(), n);
  multiply(product.data(), y.data(), n);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_EQ(sum[i], x[i] + y[i]);
    EXPECT_EQ(product[i], x[i] * y[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Lengths, RowKernels, testing::Values(1, 5, 16, 31, 64, 100, 384, 1000));

TEST(Kernels, ARowOfZerosRoundsToTheMiddle) {
  const std::vector<float> zeros(64);
  std::vector<std::uint8_t> bytes(64, 1);
  EXPECT_EQ(quantize(zeros.data(), 64, {}, bytes.data()), 0);
  EXPECT_EQ(bytes, std::vector<std::uint8_t>(64, 128));
  EXPECT_EQ(quantize_row(zeros.data(), 64, {}, bytes.data()), 0);
  EXPECT_EQ(bytes, std::vector<std::uint8_t>(64, 128));
}

struct AttentionCase {
  std::size_t tokens, heads, head_dimension;
};

class AttentionKernels : public testing::TestWithParam<AttentionCase> {
 protected:
  std::size_t hidden() const { return GetParam().heads * GetParam().head_dimension; }
};

TEST_P(AttentionKernels, AreSoftmaxOfProductsTimesValues) {
  const auto& [tokens, heads, size] = GetParam();
  const auto qkv = numbers(tokens * 3 * hidden(), -2, 2);
  const AttentionInput input{qkv.data(), 3 * hidden(), tokens, heads, size};
  std::vector<float> context(tokens * hidden()), expected(tokens * hidden());
  AlignedVector<float> scratch(attention_scratch(tokens, size));
  attention(input, context.data(), scratch.data());
  scalar::attention(input, expected.data());
  for (std::size_t i = 0; i < context.size(); ++i) ASSERT_NEAR(context[i], expected[i], 1e-5) << i;
}

#if defined(__x86_64__)
TEST_P(AttentionKernels, AreTheSameInBfloat16ToItsPrecision) {
  const auto& [tokens, heads, size] = GetParam();
  if (!processor().bf16) GTEST_SKIP() << "this processor has no products of bfloat16";
  if (size % 32 != 0) GTEST_SKIP() << "heads of other dimensions go through the 32-bit kernel";
  auto qkv = numbers(tokens * 3 * hidden(), -1, 1);
  std::vector<std::uint16_t> rounded(qkv.size());
  scalar::to_bf16(qkv.data(), qkv.size(), rounded.data());
  for (std::size_t i = 0; i < qkv.size(); ++i) {
    const std::uint32_t bits = std::uint32_t{rounded[i]} << 16;
    std::memcpy(&qkv[i], &bits, sizeof(bits));
  }
  std::vector<float> context(tokens * hidden()), expected(tokens * hidden());
  // Whatever lies in the scratch memory must not matter.
  AlignedVector<float> scratch(bf16::scratch_bytes(tokens, size) / sizeof(float),
                               std::numeric_limits<float>::quiet_NaN());
  bf16::attention({rounded.data(), 3 * hidden(), tokens, heads, size, context.data(), hidden(), scratch.data()});
  scalar::attention({qkv.data(), 3 * hidden(), tokens, heads, size}, expected.data());
  for (std::size_t i = 0; i < context.size(); ++i) ASSERT_NEAR(context[i], expected[i], 4e-3) << i;
}
#endif

INSTANTIATE_TEST_SUITE_P(Shapes, AttentionKernels,
                         testing::Values(AttentionCase{1, 1, 8}, AttentionCase{3, 2, 6}, AttentionCase{17, 3, 8},
                                         AttentionCase{1, 2, 32}, AttentionCase{11, 2, 32}, AttentionCase{12, 2, 32},
                                         AttentionCase{16, 2, 32}, AttentionCase{33, 2, 32}, AttentionCase{64, 1, 64},
                                         AttentionCase{100, 2, 64}, AttentionCase{129, 1, 96},
                                         AttentionCase{512, 1, 32}));

struct ProductCase {
  std::size_t rows, outputs, inputs;
};

class Int8Products : public testing::TestWithParam<ProductCase> {
 protected:
  Int8Products()
      : matrix_(numbers(GetParam().outputs * GetParam().inputs, -1, 1), numbers(GetParam().outputs, -1, 1),
                GetParam().outputs, GetParam().inputs) {
    const auto& [rows, outputs, inputs] = GetParam();
    x_ = numbers(rows * inputs, -2, 2);
    stride_ = round_up(inputs, 64);
    bytes_.assign(rows * stride_, 128);
    scales_.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      scales_[row] = scalar::quantize(x_.data() + row * inputs, inputs, {}, bytes_.data() + row * stride_);
    }
  }
  Int8Rows rows() const { return {bytes_.data(), stride_, scales_.data(), GetParam().rows}; }
  std::size_t size() const { return GetParam().rows * GetParam().outputs; }

  Int8Matrix matrix_;
  std::vector<float> x_, scales_;
  std::vector<std::uint8_t> bytes_;
  std::size_t stride_ = 0;
};

TEST_P(Int8Products, AreExactSumsOfTheRoundedNumbers) {
  const auto& [count, outputs, inputs] = GetParam();
  const auto weights = numbers(outputs * inputs, -1, 1), bias = numbers(outputs, -1, 1);
  std::vector<float> y(size());
  multiply(matrix_, rows(), {Effect::store, y.data(), outputs});
  for (std::size_t row = 0; row < count; ++row) {
    for (std::size_t output = 0; output < outputs; ++output) {
      float largest = 0;
      for (std::size_t i = 0; i < inputs; ++i) largest = std::max(largest, std::fabs(weights[output * inputs + i]));
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < inputs; ++i) {
        const auto w = std::lrint(weights[output * inputs + i] * (127 / largest));
        sum += w * (int{bytes_[row * stride_ + i]} - 128);
      }
      const double expected = static_cast<double>(sum) * scales_[row] * matrix_.scales[output] + bias[output];
      ASSERT_NEAR(y[row * outputs + output], expected, 1e-5 * (1 + std::fabs(expected))) << row << " " << output;
    }
  }
}

TEST_P(Int8Products, OfThisProcessorAreThoseOfPortableCode) {
  const std::size_t outputs = GetParam().outputs;
  for (const Effect effect : {Effect::store, Effect::add}) {
    std::vector<float> fast = numbers(size(), -1, 1), portable = fast;
    multiply(matrix_, rows(), {effect, fast.data(), outputs});
    multiply_portable(matrix_, rows(), {effect, portable.data(), outputs});
    EXPECT_EQ(fast, portable);
  }
  std::vector<std::uint16_t> fast(size()), portable(size());
  multiply(matrix_, rows(), {Effect::store_bf16, fast.data(), outputs});
  multiply_portable(matrix_, rows(), {Effect::store_bf16, portable.data(), outputs});
  EXPECT_EQ(fast, portable);
}

TEST_P(Int8Products, GeluIsWithinItsBound) {
  const std::size_t outputs = GetParam().outputs;
  std::vector<float> x(size()), fast(size());
  multiply(matrix_, rows(), {Effect::store, x.data(), outputs});
  multiply(matrix_, rows(), {Effect::gelu, fast.data(), outputs});
  for (std::size_t i = 0; i < size(); ++i) {
    const double expected = 0.5 * x[i] * (1 + std::erf(x[i] / std::sqrt(2.0)));
    ASSERT_NEAR(fast[i], expected, 2e-4 + 5e-5 * std::fabs(x[i])) << x[i];
  }
}

TEST_P(Int8Products, OfARowDoNotDependOnTheOthers) {
  const auto& [count, outputs, inputs] = GetParam();
  std::vector<float> all(size()), one(outputs);
  multiply(matrix_, rows(), {Effect::store, all.data(), outputs});
  for (std::size_t row = 0; row < count; ++row) {
    multiply(matrix_, {bytes_.data() + row * stride_, stride_, scales_.data() + row, 1},
             {Effect::store, one.data(), outputs});
    EXPECT_TRUE(std::equal(one.begin(), one.end(), all.begin() + static_cast<std::ptrdiff_t>(row * outputs))) << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Int8Products,
                         testing::Values(ProductCase{1, 1, 1}, ProductCase{2, 17, 5}, ProductCase{3, 64, 64},
                                         ProductCase{4, 65, 30}, ProductCase{5, 96, 33}, ProductCase{13, 384, 384},
                                         ProductCase{7, 130, 1536}));

}  // namespace
}  // namespace dragoman
