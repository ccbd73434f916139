#include "dense/pq_kernels.h"

// Highway compiles what stands between its marks once for every kind of processor, and picks at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dense/pq_kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: foreach_target.h must come first.
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace dragoman::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void SumPq4(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t parts, std::uint16_t* out) {
#if HWY_TARGET == HWY_SCALAR
  sum_pq4_scalar(codes, tables, parts, out);
#else
  // Four parts side by side in a register of 64 bytes, two in one of 32.
  const hn::CappedTag<std::uint8_t, 64> d8;
  const hn::RepartitionToWide<decltype(d8)> d16;
  using Sums = hn::Vec<decltype(d16)>;
  const auto low_four = hn::Set(d8, 0x0F);
  const auto low_byte = hn::Set(d16, 0xFF);
  // Entries at even and odd places apart: those of passages 0, 2, ... and 1, 3, ...
  Sums low_even = hn::Zero(d16), low_odd = low_even, high_even = low_even, high_odd = low_even;
  for (std::size_t at = 0; at < parts * 16; at += hn::Lanes(d8)) {
    const auto code = hn::LoadU(d8, codes + at), table = hn::LoadU(d8, tables + at);
    const auto low = hn::BitCast(d16, hn::TableLookupBytes(table, hn::And(code, low_four)));
    const auto shifted = hn::BitCast(d8, hn::ShiftRight<4>(hn::BitCast(d16, code)));
    const auto high = hn::BitCast(d16, hn::TableLookupBytes(table, hn::And(shifted, low_four)));
    low_even = hn::Add(low_even, hn::And(low, low_byte));
    low_odd = hn::Add(low_odd, hn::ShiftRight<8>(low));
    high_even = hn::Add(high_even, hn::And(high, low_byte));
    high_odd = hn::Add(high_odd, hn::ShiftRight<8>(high));
  }
  alignas(64) std::uint16_t sums[32];
  const auto spread = [&](Sums even, Sums odd, std::uint16_t* to) HWY_ATTR {
    for (const auto& [values, first] : {std::pair{even, std::size_t{0}}, std::pair{odd, std::size_t{1}}}) {
      hn::Store(values, d16, sums);
      for (std::size_t i = 0; i < 8; ++i) {
        unsigned sum = 0;
        for (std::size_t lane = i; lane < hn::Lanes(d16); lane += 8) sum += sums[lane];
        to[2 * i + first] = static_cast<std::uint16_t>(sum);
      }
    }
  };
  spread(low_even, low_odd, out);
  spread(high_even, high_odd, out + 16);
#endif
}

std::uint16_t GreatestOf(const std::uint16_t* sums) {
  const hn::CappedTag<std::uint16_t, kPqBlockRows> d;
  auto greatest = hn::LoadU(d, sums);
  for (std::size_t i = hn::Lanes(d); i < kPqBlockRows; i += hn::Lanes(d)) {
    greatest = hn::Max(greatest, hn::LoadU(d, sums + i));
  }
  return hn::GetLane(hn::MaxOfLanes(d, greatest));
}

}  // namespace dragoman::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman {

HWY_EXPORT(SumPq4);
HWY_EXPORT(GreatestOf);

void sum_pq4(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t parts, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(SumPq4)(codes, tables, parts, out);
}

std::uint16_t greatest_of(const std::uint16_t* sums) { return HWY_DYNAMIC_DISPATCH(GreatestOf)(sums); }

void sum_pq4_scalar(const std::uint8_t* codes, const std::uint8_t* tables, std::size_t parts, std::uint16_t* out) {
  for (std::size_t row = 0; row < kPqBlockRows; ++row) {
    unsigned sum = 0;
    for (std::size_t part = 0; part < parts; ++part) {
      const unsigned both = codes[part * 16 + row % 16];
      sum += tables[part * 16 + (row < 16 ? both & 15 : both >> 4)];
    }
    out[row] = static_cast<std::uint16_t>(sum);
  }
}

}  // namespace dragoman
#endif  // HWY_ONCE
