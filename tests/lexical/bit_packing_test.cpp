#include "lexical/bit_packing.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace dragoman {
namespace {

using testing::ElementsAre;

using Block = std::array<std::uint32_t, kBlockPostings>;

Block random_block(unsigned bits, std::mt19937& random) {
  Block block;
  for (std::uint32_t& value : block) value = bits == 0 ? 0 : static_cast<std::uint32_t>(random()) >> (32 - bits);
  return block;
}

TEST(BitPacking, TellsTheBitsOfTheLargestValue) {
  EXPECT_EQ(bits_for(std::vector<std::uint32_t>{}), 0u);
  EXPECT_EQ(bits_for(std::vector<std::uint32_t>{0, 0}), 0u);
  EXPECT_EQ(bits_for(std::vector<std::uint32_t>{1, 5}), 3u);
  EXPECT_EQ(bits_for(std::vector<std::uint32_t>{0xFFFFFFFF}), 32u);
}

TEST(BitPacking, GivesABlockBackInEveryWidth) {
  std::mt19937 random(1);
  for (unsigned bits = 0; bits <= 32; ++bits) {
    const Block block = random_block(bits, random);
    std::vector<std::uint8_t> packed;
    pack_block(block, bits, packed);
    ASSERT_EQ(packed.size(), 16u * bits);
    Block fast, slow;
    unpack_block(packed.data(), bits, fast.data());
    unpack_block_scalar(packed.data(), bits, slow.data());
    EXPECT_EQ(fast, block) << bits;
    EXPECT_EQ(slow, block) << bits;
    for (std::size_t i = 0; i < block.size(); ++i) ASSERT_EQ(value_of_block(packed.data(), bits, i), block[i]);
  }
}

TEST(BitPacking, AddsUpGapsTheSameWithVectorsAndWithout) {
  std::mt19937 random(2);
  for (unsigned bits = 0; bits <= 32; ++bits) {
    std::vector<std::uint8_t> packed;
    pack_block(random_block(bits, random), bits, packed);
    Block fast, slow;
    unpack_ascending(packed.data(), bits, 41, fast.data());
    unpack_ascending_scalar(packed.data(), bits, 41, slow.data());
    EXPECT_EQ(fast, slow) << bits;
  }
}

TEST(BitPacking, BeginsFromZeroBehindTheHighestNumber) {
  const Block nothing{};
  std::vector<std::uint8_t> packed;
  pack_block(nothing, 0, packed);
  Block ascending;
  unpack_ascending(packed.data(), 0, 0xFFFFFFFF, ascending.data());
  EXPECT_EQ(ascending[0], 0u);
  EXPECT_EQ(ascending[127], 127u);
}

TEST(BitPacking, PacksAFewValuesWithoutABitOfAir) {
  std::vector<std::uint8_t> packed;
  pack_stream(std::vector<std::uint32_t>{1, 2, 3, 4, 5}, 3, packed);
  // From the lowest bit: 100 010 110 001 101.
  EXPECT_THAT(packed, ElementsAre(0b11'010'001, 0b0'101'100'0));
  packed.resize(packed.size() + kStreamPadding);
  std::vector<std::uint32_t> values(5);
  unpack_stream(packed.data(), 3, 5, values.data());
  EXPECT_THAT(values, ElementsAre(1, 2, 3, 4, 5));
}

TEST(BitPacking, GivesAStreamBackInEveryWidth) {
  std::mt19937 random(3);
  for (unsigned bits = 0; bits <= 32; ++bits) {
    for (const std::size_t count : {1, 2, 31, 127}) {
      const Block block = random_block(bits, random);
      const std::vector<std::uint32_t> values(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count));
      std::vector<std::uint8_t> packed;
      pack_stream(values, bits, packed);
      ASSERT_EQ(packed.size(), stream_bytes(count, bits));
      packed.resize(packed.size() + kStreamPadding);
      std::vector<std::uint32_t> again(count);
      unpack_stream(packed.data(), bits, count, again.data());
      EXPECT_EQ(again, values) << bits;
    }
  }
}

}  // namespace
}  // namespace dragoman
