#include "lexical/bit_packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

// Highway compiles what stands between its marks once for every kind of processor, and picks at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lexical/bit_packing.cpp"
#include <hwy/foreach_target.h>
// clang-format off: foreach_target.h must come first.
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace dragoman::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

void UnpackBlock(const std::uint8_t* in, unsigned bits, std::uint32_t* out) { unpack_block_scalar(in, bits, out); }

void UnpackAscending(const std::uint8_t* in, unsigned bits, std::uint32_t previous, std::uint32_t* out) {
  unpack_ascending_scalar(in, bits, previous, out);
}

#else

using Lanes = hn::FixedTag<std::uint32_t, 4>;
using Four = hn::Vec<Lanes>;

HWY_INLINE Four Word(const std::uint8_t* in, int index) {
  const hn::FixedTag<std::uint8_t, 16> bytes;
  return hn::BitCast(Lanes(), hn::LoadU(bytes, in + 16 * index));
}

/// Values 4 * kRow to 4 * kRow + 3 of a block.
template <int kBits, int kRow>
HWY_INLINE Four Row(const std::uint8_t* in) {
  if constexpr (kBits == 0) {
    return hn::Zero(Lanes());
  } else {
    constexpr int kWord = kRow * kBits / 32, kShift = kRow * kBits % 32;
    Four row = hn::ShiftRight<kShift>(Word(in, kWord));
    if constexpr (kShift + kBits > 32) row = hn::Or(row, hn::ShiftLeft<32 - kShift>(Word(in, kWord + 1)));
    if constexpr (kBits < 32 && kShift + kBits != 32) row = hn::And(row, hn::Set(Lanes(), (1u << kBits) - 1));
    return row;
  }
}

template <int kBits, int... kRows>
HWY_INLINE void UnpackRows(const std::uint8_t* in, std::uint32_t* out, std::integer_sequence<int, kRows...>) {
  (hn::StoreU(Row<kBits, kRows>(in), Lanes(), out + 4 * kRows), ...);
}

/// Adds up the gaps of a row behind `last`, which has the number before in all lanes, and leaves the row's last there.
HWY_INLINE Four Ascend(Four gaps, Four& last) {
  const Lanes d;
  Four sums = hn::Add(gaps, hn::Set(d, 1));
  sums = hn::Add(sums, hn::ShiftLeftLanes<1>(d, sums));
  sums = hn::Add(sums, hn::ShiftLeftLanes<2>(d, sums));
  sums = hn::Add(sums, last);
  last = hn::Broadcast<3>(sums);
  return sums;
}

template <int kBits, int... kRows>
HWY_INLINE void UnpackAscendingRows(const std::uint8_t* in, std::uint32_t previous, std::uint32_t* out,
                                    std::integer_sequence<int, kRows...>) {
  Four last = hn::Set(Lanes(), previous);
  (hn::StoreU(Ascend(Row<kBits, kRows>(in), last), Lanes(), out + 4 * kRows), ...);
}

using Rows = std::make_integer_sequence<int, kBlockPostings / 4>;

template <int kBits>
void UnpackBits(const std::uint8_t* in, std::uint32_t* out) {
  UnpackRows<kBits>(in, out, Rows());
}

template <int kBits>
void UnpackAscendingBits(const std::uint8_t* in, std::uint32_t previous, std::uint32_t* out) {
  UnpackAscendingRows<kBits>(in, previous, out, Rows());
}

template <int... kBits>
HWY_INLINE void CallUnpack(const std::uint8_t* in, unsigned bits, std::uint32_t* out,
                           std::integer_sequence<int, kBits...>) {
  static constexpr void (*kByBits[])(const std::uint8_t*, std::uint32_t*) = {UnpackBits<kBits>...};
  kByBits[bits](in, out);
}

template <int... kBits>
HWY_INLINE void CallUnpackAscending(const std::uint8_t* in, unsigned bits, std::uint32_t previous, std::uint32_t* out,
                                    std::integer_sequence<int, kBits...>) {
  static constexpr void (*kByBits[])(const std::uint8_t*, std::uint32_t,
                                     std::uint32_t*) = {UnpackAscendingBits<kBits>...};
  kByBits[bits](in, previous, out);
}

void UnpackBlock(const std::uint8_t* in, unsigned bits, std::uint32_t* out) {
  CallUnpack(in, bits, out, std::make_integer_sequence<int, 33>());
}

void UnpackAscending(const std::uint8_t* in, unsigned bits, std::uint32_t previous, std::uint32_t* out) {
  CallUnpackAscending(in, bits, previous, out, std::make_integer_sequence<int, 33>());
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace dragoman::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman {

HWY_EXPORT(UnpackBlock);
HWY_EXPORT(UnpackAscending);

namespace {

std::uint64_t mask_of(unsigned bits) { return (std::uint64_t{1} << bits) - 1; }

std::uint32_t word_of(const std::uint8_t* in, std::size_t index) {
  std::uint32_t word = 0;
  std::memcpy(&word, in + 4 * index, sizeof word);
  return word;
}

}  // namespace

unsigned bits_for(std::span<const std::uint32_t> values) {
  std::uint32_t all = 0;
  for (const std::uint32_t value : values) all |= value;
  return static_cast<unsigned>(std::bit_width(all));
}

void pack_block(std::span<const std::uint32_t, kBlockPostings> values, unsigned bits, std::vector<std::uint8_t>& out) {
  std::vector<std::uint32_t> words(4 * static_cast<std::size_t>(bits), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t lane = i % 4, begin = i / 4 * bits, word = begin / 32, shift = begin % 32;
    if (bits == 0) break;
    words[4 * word + lane] |= values[i] << shift;
    if (shift + bits > 32) words[4 * (word + 1) + lane] |= values[i] >> (32 - shift);
  }
  const std::size_t at = out.size();
  out.resize(at + 4 * words.size());
  if (!words.empty()) std::memcpy(out.data() + at, words.data(), 4 * words.size());
}

std::uint32_t value_of_block(const std::uint8_t* in, unsigned bits, std::size_t i) {
  if (bits == 0) return 0;
  const std::size_t lane = i % 4, begin = i / 4 * bits, word = begin / 32, shift = begin % 32;
  std::uint64_t both = word_of(in, 4 * word + lane);
  if (shift + bits > 32) both |= std::uint64_t{word_of(in, 4 * (word + 1) + lane)} << 32;
  return static_cast<std::uint32_t>(both >> shift & mask_of(bits));
}

void unpack_block_scalar(const std::uint8_t* in, unsigned bits, std::uint32_t* out) {
  for (std::size_t i = 0; i < kBlockPostings; ++i) out[i] = value_of_block(in, bits, i);
}

void unpack_ascending_scalar(const std::uint8_t* in, unsigned bits, std::uint32_t previous, std::uint32_t* out) {
  for (std::size_t i = 0; i < kBlockPostings; ++i) out[i] = previous = previous + 1 + value_of_block(in, bits, i);
}

void unpack_block(const std::uint8_t* in, unsigned bits, std::uint32_t* out) {
  assert(bits <= 32);
  HWY_DYNAMIC_DISPATCH(UnpackBlock)(in, bits, out);
}

void unpack_ascending(const std::uint8_t* in, unsigned bits, std::uint32_t previous, std::uint32_t* out) {
  assert(bits <= 32);
  HWY_DYNAMIC_DISPATCH(UnpackAscending)(in, bits, previous, out);
}

void pack_stream(std::span<const std::uint32_t> values, unsigned bits, std::vector<std::uint8_t>& out) {
  const std::size_t at = out.size();
  out.resize(at + stream_bytes(values.size(), bits), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (unsigned bit = 0; bit < bits; ++bit) {
      const std::size_t place = i * bits + bit;
      out[at + place / 8] |= static_cast<std::uint8_t>((values[i] >> bit & 1) << place % 8);
    }
  }
}

std::uint32_t value_of_stream(const std::uint8_t* in, unsigned bits, std::size_t i) {
  std::uint64_t word = 0;
  std::memcpy(&word, in + i * bits / 8, sizeof word);
  return static_cast<std::uint32_t>(word >> i * bits % 8 & mask_of(bits));
}

void unpack_stream(const std::uint8_t* in, unsigned bits, std::size_t count, std::uint32_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = value_of_stream(in, bits, i);
}

}  // namespace dragoman
#endif  // HWY_ONCE
