#include "dense/scan_kernels.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <vector>

#include "dense/quantize.h"

namespace dragoman {
namespace {

using testing::ElementsAre;

constexpr std::size_t kQueries[] = {1, 2, 3, 4, 5, 9};

template <class T>
std::vector<T> random_numbers(std::size_t size, int least, int most, std::mt19937& random) {
  std::uniform_int_distribution<int> numbers(least, most);
  std::vector<T> values(size);
  for (T& value : values) value = static_cast<T>(numbers(random));
  return values;
}

std::vector<float> random_floats(std::size_t size, std::mt19937& random) {
  std::normal_distribution<float> numbers;
  std::vector<float> values(size);
  for (float& value : values) value = numbers(random);
  return values;
}

TEST(ScanKernels, MultiplyBytesAsTheScalarTwinDoes) {
  std::mt19937 random(1);
  for (const std::size_t groups : {1u, 5u, 96u, 256u}) {
    const auto block = random_numbers<std::uint8_t>(groups * 256, 0, 255, random);
    for (const std::size_t count : kQueries) {
      const auto queries = random_numbers<std::int8_t>(count * groups * 4, -127, 127, random);
      std::vector<std::int32_t> fast(count * kBlockRows), slow(fast.size());
      dot_int8(block.data(), groups, queries.data(), count, fast.data());
      dot_int8_scalar(block.data(), groups, queries.data(), count, slow.data());
      ASSERT_EQ(fast, slow) << groups << " groups, " << count << " queries";
    }
  }
}

TEST(ScanKernels, MultiplyRowsAsTheScalarTwinDoes) {
  std::mt19937 random(6);
  for (const std::size_t stride : {64u, 128u, 384u}) {
    const auto rows = random_numbers<std::uint8_t>(100 * stride, 0, 255, random);
    const auto query = random_numbers<std::int8_t>(stride, -127, 127, random);
    for (const std::size_t count : {0u, 1u, 3u, 4u, 9u, 100u}) {
      const auto chosen = random_numbers<std::uint32_t>(count, 0, 99, random);
      std::vector<std::int32_t> fast(count), slow(count);
      dot_int8_rows(rows.data(), stride, chosen.data(), count, query.data(), fast.data());
      dot_int8_rows_scalar(rows.data(), stride, chosen.data(), count, query.data(), slow.data());
      ASSERT_EQ(fast, slow) << stride << " bytes, " << count << " rows";
    }
  }
}

TEST(ScanKernels, DoNotOverflowWithTheGreatestBytes) {
  const std::vector<std::uint8_t> block(64 * 4 * 1024, 255);
  const std::vector<std::int8_t> query(4 * 1024, -127);
  std::vector<std::int32_t> dots(kBlockRows);
  dot_int8(block.data(), 1024, query.data(), 1, dots.data());
  EXPECT_THAT(dots, testing::Each(-255 * 127 * 4096));
}

TEST(ScanKernels, MultiplyFloatsAsTheScalarTwinsDo) {
  std::mt19937 random(2);
  for (const std::size_t dimension : {1u, 3u, 16u, 19u, 384u}) {
    const auto vectors = random_floats(kBlockRows * dimension, random);
    std::vector<std::uint16_t> block(vectors.size());
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = to_bf16(vectors[i]);
    for (const std::size_t count : kQueries) {
      const auto queries = random_floats(count * dimension, random);
      // Sums of products of numbers about 1: what rounding does to them grows with how many there are.
      const float tolerance = 1e-5f * static_cast<float>(dimension + 10);
      for (const std::size_t rows : {64u, 7u, 1u}) {
        std::vector<float> fast(count * kBlockRows, 1.5f), slow(fast);
        dot_f32(vectors.data(), dimension, rows, queries.data(), count, fast.data());
        dot_f32_scalar(vectors.data(), dimension, rows, queries.data(), count, slow.data());
        for (std::size_t i = 0; i < fast.size(); ++i) ASSERT_NEAR(fast[i], slow[i], tolerance);
      }
      std::vector<float> fast(count * kBlockRows), slow(fast);
      dot_bf16(block.data(), dimension, queries.data(), count, fast.data());
      dot_bf16_scalar(block.data(), dimension, queries.data(), count, slow.data());
      for (std::size_t i = 0; i < fast.size(); ++i) ASSERT_NEAR(fast[i], slow[i], tolerance);
    }
  }
}

TEST(ScanKernels, GiveInnerProductsToTheBit) {
  std::mt19937 random(3);
  for (std::size_t size = 0; size < 100; ++size) {
    const auto a = random_floats(size, random), b = random_floats(size, random);
    ASSERT_EQ(inner_product(a.data(), b.data(), size), inner_product_scalar(a.data(), b.data(), size)) << size;
  }
}

TEST(ScanKernels, ScaleAndChooseAsTheScalarTwinsDo) {
  std::mt19937 random(4);
  const auto dots = random_numbers<std::int32_t>(kBlockRows, -1000000, 1000000, random);
  const auto scales = random_floats(kBlockRows, random);
  std::vector<float> fast(kBlockRows), slow(kBlockRows);
  scale_int8(dots.data(), 1234, scales.data(), 0.01f, -2, fast.data());
  scale_int8_scalar(dots.data(), 1234, scales.data(), 0.01f, -2, slow.data());
  for (std::size_t i = 0; i < kBlockRows; ++i) ASSERT_NEAR(fast[i], slow[i], 1e-6f * std::abs(slow[i]) + 1e-5f);

  // Of whole numbers, so that nothing is rounded.
  std::vector<float> scores(kBlockRows), errors(kBlockRows);
  for (std::size_t i = 0; i < kBlockRows; ++i) {
    scores[i] = static_cast<float>(random() % 10), errors[i] = static_cast<float>(random() % 3);
  }
  for (const float least : {-INFINITY, 0.0f, 5.0f, 9.0f, 100.0f}) {
    ASSERT_EQ(may_reach(scores.data(), errors.data(), 2, 1, least),
              may_reach_scalar(scores.data(), errors.data(), 2, 1, least));
  }
  EXPECT_EQ(may_reach(scores.data(), errors.data(), 2, 1, -INFINITY), ~std::uint64_t{0});
  EXPECT_EQ(may_reach(scores.data(), errors.data(), 2, 1, 100), 0u);
}

TEST(QuantizeInt8, MapsTheGreatestValueTo127) {
  std::vector<std::int8_t> codes(4);
  EXPECT_FLOAT_EQ(quantize_int8(std::vector<float>{0.5f, -1.27f, 0.014f, 0}, codes), 0.01f);
  EXPECT_THAT(codes, ElementsAre(50, -127, 1, 0));
  EXPECT_EQ(quantize_int8(std::vector<float>(4), codes), 0);
  EXPECT_THAT(codes, ElementsAre(0, 0, 0, 0));
}

TEST(QuantizeBf16, KeepsEightBitsOfSignificand) {
  for (const float exact : {0.0f, 1.0f, -1.5f, 255.0f, 0x1p-100f}) EXPECT_EQ(from_bf16(to_bf16(exact)), exact);
  EXPECT_EQ(from_bf16(to_bf16(257)), 256);  // Between 256 and 258: to even.
  EXPECT_EQ(from_bf16(to_bf16(259)), 260);
  EXPECT_TRUE(std::isfinite(from_bf16(to_bf16(3.4e38f))));
}

}  // namespace
}  // namespace dragoman
