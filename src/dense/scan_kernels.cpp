#include "dense/scan_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>

// Highway compiles what stands between its marks once for every kind of processor, and picks at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dense/scan_kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: foreach_target.h must come first.
#include <hwy/highway.h>
// clang-format on

#ifndef DRAGOMAN_DENSE_SUMS
#define DRAGOMAN_DENSE_SUMS
namespace dragoman {

inline constexpr std::size_t kSums = 16;

/// Adds the products that are left over, fewer than sixteen, and halves.
inline float SumOf(float* sums, const float* a, const float* b, std::size_t left) {
  for (std::size_t lane = 0; lane < left; ++lane) sums[lane] += a[lane] * b[lane];
  for (std::size_t half = kSums / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  }
  return sums[0];
}

}  // namespace dragoman
#endif

HWY_BEFORE_NAMESPACE();
namespace dragoman::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using Ints = hn::RebindToSigned<Floats>;
using Float = hn::Vec<Floats>;
using Int = hn::Vec<Ints>;

// Accumulators that fit into registers beside what they are fed with: rows (in vectors) by queries.
#if HWY_TARGET <= HWY_AVX3
constexpr std::size_t kTileVectors = 4;
#else
constexpr std::size_t kTileVectors = 2;
#endif
constexpr std::size_t kTileQueries = 4;

#if HWY_TARGET != HWY_SCALAR  // Whose vectors of one number have no bytes.
using Bytes = hn::Repartition<std::uint8_t, Ints>;
using Shorts = hn::Repartition<std::int16_t, Ints>;

#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
/// Adds to each lane the products of its four bytes in one instruction. Highway's own target for processors that have
/// it also lets the compiler use one that some of them lack (AVX-VNNI), so it is spelt out and asked for here.
struct Vnni {
  static bool available() { return __builtin_cpu_supports("avx512vnni") != 0; }
  static HWY_INLINE Int add(Int sum, hn::Vec<Bytes> codes, Int query) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(codes.raw), "v"(query.raw));
    return sum;
  }
};
#endif

struct Multiply {
  static HWY_INLINE Int add(Int sum, hn::Vec<Bytes> codes, Int query) {
    const Ints d;
    const Shorts d16;
    const auto words = hn::BitCast(d16, codes);
    const auto even = hn::And(words, hn::Set(d16, 0xFF));
    const auto odd = hn::BitCast(d16, hn::ShiftRight<8>(hn::BitCast(hn::RebindToUnsigned<Shorts>(), codes)));
    const auto query_words = hn::BitCast(d16, query);
    const auto query_even = hn::ShiftRight<8>(hn::ShiftLeft<8>(query_words));
    const auto query_odd = hn::ShiftRight<8>(query_words);
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
    // On x86 this adds the products of neighbours to the lane they lie in, and leaves the second sum alone.
    auto unused = hn::Zero(d);
    sum = hn::ReorderWidenMulAccumulate(d, even, query_even, sum, unused);
    return hn::ReorderWidenMulAccumulate(d, odd, query_odd, sum, unused);
#else
    const auto low = [](hn::Vec<Shorts> v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(Ints(), v))); };
    const auto high = [](hn::Vec<Shorts> v) { return hn::ShiftRight<16>(hn::BitCast(Ints(), v)); };
    sum = hn::Add(sum, hn::Mul(low(even), low(query_even)));
    sum = hn::Add(sum, hn::Mul(high(even), high(query_even)));
    sum = hn::Add(sum, hn::Mul(low(odd), low(query_odd)));
    return hn::Add(sum, hn::Mul(high(odd), high(query_odd)));
#endif
  }
};

template <class Step, std::size_t kQueries>
HWY_INLINE void TileInt8(const std::uint8_t* block, std::size_t groups, const std::int8_t* queries,
                         std::size_t first_row, std::int32_t* out) {
  const Ints d;
  const std::size_t lanes = hn::Lanes(d), stride = groups * kGroupDimensions;
  Int sums[kQueries][kTileVectors];
  for (auto& query : sums) {
    for (Int& sum : query) sum = hn::Zero(d);
  }
  const std::uint8_t* codes = block + first_row * kGroupDimensions;
  for (std::size_t g = 0; g < groups; ++g, codes += kBlockRows * kGroupDimensions) {
    hn::Vec<Bytes> rows[kTileVectors];
    for (std::size_t v = 0; v < kTileVectors; ++v) {
      rows[v] = hn::LoadU(Bytes(), codes + v * lanes * kGroupDimensions);
    }
    for (std::size_t q = 0; q < kQueries; ++q) {
      std::int32_t four;
      std::memcpy(&four, queries + q * stride + g * kGroupDimensions, sizeof four);
      const Int query = hn::Set(d, four);
      for (std::size_t v = 0; v < kTileVectors; ++v) sums[q][v] = Step::add(sums[q][v], rows[v], query);
    }
  }
  for (std::size_t q = 0; q < kQueries; ++q) {
    for (std::size_t v = 0; v < kTileVectors; ++v) {
      hn::StoreU(sums[q][v], d, out + q * kBlockRows + first_row + v * lanes);
    }
  }
}

#endif

template <std::size_t kQueries>
HWY_INLINE void TileBf16(const std::uint16_t* block, std::size_t dimension, const float* queries, std::size_t first_row,
                         float* out) {
  const Floats d;
  const hn::Rebind<std::uint16_t, Floats> d16;
  const hn::RebindToUnsigned<Floats> d32;
  const std::size_t lanes = hn::Lanes(d);
  Float sums[kQueries][kTileVectors];
  for (auto& query : sums) {
    for (Float& sum : query) sum = hn::Zero(d);
  }
  const std::uint16_t* codes = block + first_row;
  for (std::size_t i = 0; i < dimension; ++i, codes += kBlockRows) {
    Float rows[kTileVectors];
    for (std::size_t v = 0; v < kTileVectors; ++v) {
      rows[v] = hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(d32, hn::LoadU(d16, codes + v * lanes))));
    }
    for (std::size_t q = 0; q < kQueries; ++q) {
      const Float query = hn::Set(d, queries[q * dimension + i]);
      for (std::size_t v = 0; v < kTileVectors; ++v) sums[q][v] = hn::MulAdd(rows[v], query, sums[q][v]);
    }
  }
  for (std::size_t q = 0; q < kQueries; ++q) {
    for (std::size_t v = 0; v < kTileVectors; ++v) {
      hn::StoreU(sums[q][v], d, out + q * kBlockRows + first_row + v * lanes);
    }
  }
}

/// Calls tile<queries>(first query, first row) until all of a block is covered.
template <class Tile>
HWY_INLINE void ForTiles(std::size_t count, const Tile& tile) {
  const std::size_t step = kTileVectors * hn::Lanes(Ints());
  std::size_t q = 0;
  for (; q + kTileQueries <= count; q += kTileQueries) {
    for (std::size_t row = 0; row < kBlockRows; row += step) {
      tile(std::integral_constant<std::size_t, kTileQueries>(), q, row);
    }
  }
  for (; q < count; ++q) {
    for (std::size_t row = 0; row < kBlockRows; row += step) tile(std::integral_constant<std::size_t, 1>(), q, row);
  }
}

void DotInt8(const std::uint8_t* block, std::size_t groups, const std::int8_t* queries, std::size_t count,
             std::int32_t* out) {
#if HWY_TARGET == HWY_SCALAR
  dot_int8_scalar(block, groups, queries, count, out);
#else
  const auto run = [&](auto step) HWY_ATTR {
    ForTiles(count, [&](auto tile_queries, std::size_t q, std::size_t row) HWY_ATTR {
      TileInt8<decltype(step), decltype(tile_queries)::value>(block, groups, queries + q * groups * kGroupDimensions,
                                                              row, out + q * kBlockRows);
    });
  };
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
  if (Vnni::available()) return run(Vnni());
#endif
  run(Multiply());
#endif
}

#if HWY_TARGET != HWY_SCALAR
template <class Step, std::size_t kRows>
HWY_INLINE void RowsInt8(const std::uint8_t* rows, std::size_t stride, const std::uint32_t* chosen,
                         const std::int8_t* query, std::int32_t* out) {
  const Ints d;
  const std::size_t lanes = hn::Lanes(Bytes());
  Int sums[kRows];
  for (Int& sum : sums) sum = hn::Zero(d);
  for (std::size_t i = 0; i < stride; i += lanes) {
    const Int four = hn::BitCast(d, hn::LoadU(Bytes(), reinterpret_cast<const std::uint8_t*>(query) + i));
    for (std::size_t r = 0; r < kRows; ++r) {
      sums[r] = Step::add(sums[r], hn::LoadU(Bytes(), rows + chosen[r] * stride + i), four);
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) out[r] = hn::GetLane(hn::SumOfLanes(d, sums[r]));
}
#endif

void DotInt8Rows(const std::uint8_t* rows, std::size_t stride, const std::uint32_t* chosen, std::size_t count,
                 const std::int8_t* query, std::int32_t* out) {
#if HWY_TARGET == HWY_SCALAR
  dot_int8_rows_scalar(rows, stride, chosen, count, query, out);
#else
  const auto run = [&](auto step) HWY_ATTR {
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) RowsInt8<decltype(step), 4>(rows, stride, chosen + i, query, out + i);
    for (; i < count; ++i) RowsInt8<decltype(step), 1>(rows, stride, chosen + i, query, out + i);
  };
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
  if (Vnni::available()) return run(Vnni());
#endif
  run(Multiply());
#endif
}

void DotBf16(const std::uint16_t* block, std::size_t dimension, const float* queries, std::size_t count, float* out) {
  ForTiles(count, [&](auto tile_queries, std::size_t q, std::size_t row) HWY_ATTR {
    TileBf16<decltype(tile_queries)::value>(block, dimension, queries + q * dimension, row, out + q * kBlockRows);
  });
}

/// Rows by queries of f32, both row by row: out[q * 64 + row].
template <std::size_t kRows, std::size_t kQueries>
HWY_INLINE void TileF32(const float* vectors, std::size_t dimension, const float* queries, float* out) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  Float sums[kQueries][kRows];
  for (auto& query : sums) {
    for (Float& sum : query) sum = hn::Zero(d);
  }
  std::size_t i = 0;
  for (; i + lanes <= dimension; i += lanes) {
    Float rows[kRows];
    for (std::size_t r = 0; r < kRows; ++r) rows[r] = hn::LoadU(d, vectors + r * dimension + i);
    for (std::size_t q = 0; q < kQueries; ++q) {
      const Float query = hn::LoadU(d, queries + q * dimension + i);
      for (std::size_t r = 0; r < kRows; ++r) sums[q][r] = hn::MulAdd(rows[r], query, sums[q][r]);
    }
  }
  for (std::size_t q = 0; q < kQueries; ++q) {
    for (std::size_t r = 0; r < kRows; ++r) {
      float sum = hn::GetLane(hn::SumOfLanes(d, sums[q][r]));
      for (std::size_t rest = i; rest < dimension; ++rest) {
        sum += vectors[r * dimension + rest] * queries[q * dimension + rest];
      }
      out[q * kBlockRows + r] = sum;
    }
  }
}

/// One query by one row, read from its beginning to its end, as memory likes it.
HWY_INLINE float OneF32(const float* vector, std::size_t dimension, const float* query) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  Float sums[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  std::size_t i = 0;
  for (; i + 4 * lanes <= dimension; i += 4 * lanes) {
    for (std::size_t v = 0; v < 4; ++v) {
      sums[v] = hn::MulAdd(hn::LoadU(d, vector + i + v * lanes), hn::LoadU(d, query + i + v * lanes), sums[v]);
    }
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]))));
  for (; i < dimension; ++i) sum += vector[i] * query[i];
  return sum;
}

void DotF32(const float* vectors, std::size_t dimension, std::size_t rows, const float* queries, std::size_t count,
            float* out) {
  constexpr std::size_t kRows = 4, kQueries = HWY_TARGET <= HWY_AVX3 ? 4 : 2;
  std::size_t q = 0;
  for (; q + kQueries <= count; q += kQueries) {
    const float* query = queries + q * dimension;
    std::size_t row = 0;
    for (; row + kRows <= rows; row += kRows) {
      TileF32<kRows, kQueries>(vectors + row * dimension, dimension, query, out + q * kBlockRows + row);
    }
    for (; row < rows; ++row) {
      TileF32<1, kQueries>(vectors + row * dimension, dimension, query, out + q * kBlockRows + row);
    }
  }
  for (; q < count; ++q) {
    for (std::size_t row = 0; row < rows; ++row) {
      out[q * kBlockRows + row] = OneF32(vectors + row * dimension, dimension, queries + q * dimension);
    }
  }
}

/// Sixteen running sums, each of every sixteenth product, whatever the register's width.
float InnerProduct(const float* a, const float* b, std::size_t size) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  alignas(64) float sums[kSums] = {};
  std::size_t i = 0;
  if (lanes == kSums) {
    Float sum = hn::Zero(d);
    for (; i + kSums <= size; i += kSums) sum = hn::Add(sum, hn::Mul(hn::LoadU(d, a + i), hn::LoadU(d, b + i)));
    hn::Store(sum, d, sums);
  } else {
    for (std::size_t first = 0; first < kSums; first += lanes) {
      Float sum = hn::Zero(d);
      for (i = 0; i + kSums <= size; i += kSums) {
        sum = hn::Add(sum, hn::Mul(hn::LoadU(d, a + i + first), hn::LoadU(d, b + i + first)));
      }
      hn::Store(sum, d, sums + first);
    }
  }
  return SumOf(sums, a + i, b + i, size - i);
}

void ScaleInt8(const std::int32_t* dots, std::int32_t zero, const float* scales, float query_scale, float base,
               float* scores) {
  const Floats d;
  const Ints di;
  for (std::size_t row = 0; row < kBlockRows; row += hn::Lanes(d)) {
    const Float dot = hn::ConvertTo(d, hn::Sub(hn::LoadU(di, dots + row), hn::Set(di, zero)));
    const Float scale = hn::Mul(hn::LoadU(d, scales + row), hn::Set(d, query_scale));
    hn::StoreU(hn::MulAdd(dot, scale, hn::Set(d, base)), d, scores + row);
  }
}

std::uint64_t MayReach(const float* scores, const float* errors, float query_norm, float slack, float least) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  const Float norm = hn::Set(d, query_norm), bound = hn::Set(d, least - slack);
  std::uint64_t bits = 0;
  for (std::size_t row = 0; row < kBlockRows; row += lanes) {
    const auto reaches = hn::Ge(hn::MulAdd(norm, hn::LoadU(d, errors + row), hn::LoadU(d, scores + row)), bound);
    std::uint8_t mask[8] = {};
    hn::StoreMaskBits(d, reaches, mask);
    std::uint64_t here;
    std::memcpy(&here, mask, sizeof here);
    bits |= here << row;
  }
  return bits;
}

}  // namespace dragoman::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman {

HWY_EXPORT(DotInt8);
HWY_EXPORT(DotInt8Rows);
HWY_EXPORT(DotBf16);
HWY_EXPORT(DotF32);
HWY_EXPORT(InnerProduct);
HWY_EXPORT(ScaleInt8);
HWY_EXPORT(MayReach);

void dot_int8(const std::uint8_t* block, std::size_t groups, const std::int8_t* queries, std::size_t count,
              std::int32_t* out) {
  HWY_DYNAMIC_DISPATCH(DotInt8)(block, groups, queries, count, out);
}

void dot_int8_scalar(const std::uint8_t* block, std::size_t groups, const std::int8_t* queries, std::size_t count,
                     std::int32_t* out) {
  for (std::size_t q = 0; q < count; ++q) {
    for (std::size_t row = 0; row < kBlockRows; ++row) {
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < groups * kGroupDimensions; ++i) {
        const std::size_t group = i / kGroupDimensions, within = i % kGroupDimensions;
        sum +=
            block[(group * kBlockRows + row) * kGroupDimensions + within] * queries[q * groups * kGroupDimensions + i];
      }
      out[q * kBlockRows + row] = sum;
    }
  }
}

void dot_int8_rows(const std::uint8_t* rows, std::size_t stride, const std::uint32_t* chosen, std::size_t count,
                   const std::int8_t* query, std::int32_t* out) {
  HWY_DYNAMIC_DISPATCH(DotInt8Rows)(rows, stride, chosen, count, query, out);
}

void dot_int8_rows_scalar(const std::uint8_t* rows, std::size_t stride, const std::uint32_t* chosen, std::size_t count,
                          const std::int8_t* query, std::int32_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* row = rows + chosen[i] * stride;
    out[i] = 0;
    for (std::size_t j = 0; j < stride; ++j) out[i] += row[j] * query[j];
  }
}

void dot_bf16(const std::uint16_t* block, std::size_t dimension, const float* queries, std::size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(DotBf16)(block, dimension, queries, count, out);
}

void dot_bf16_scalar(const std::uint16_t* block, std::size_t dimension, const float* queries, std::size_t count,
                     float* out) {
  for (std::size_t q = 0; q < count; ++q) {
    for (std::size_t row = 0; row < kBlockRows; ++row) {
      float sum = 0;
      for (std::size_t i = 0; i < dimension; ++i) {
        const auto bits = static_cast<std::uint32_t>(block[i * kBlockRows + row]) << 16;
        sum += std::bit_cast<float>(bits) * queries[q * dimension + i];
      }
      out[q * kBlockRows + row] = sum;
    }
  }
}

void dot_f32(const float* vectors, std::size_t dimension, std::size_t rows, const float* queries, std::size_t count,
             float* out) {
  HWY_DYNAMIC_DISPATCH(DotF32)(vectors, dimension, rows, queries, count, out);
}

void dot_f32_scalar(const float* vectors, std::size_t dimension, std::size_t rows, const float* queries,
                    std::size_t count, float* out) {
  for (std::size_t q = 0; q < count; ++q) {
    for (std::size_t row = 0; row < rows; ++row) {
      float sum = 0;
      for (std::size_t i = 0; i < dimension; ++i) sum += vectors[row * dimension + i] * queries[q * dimension + i];
      out[q * kBlockRows + row] = sum;
    }
  }
}

float inner_product(const float* a, const float* b, std::size_t size) {
  return HWY_DYNAMIC_DISPATCH(InnerProduct)(a, b, size);
}

float inner_product_scalar(const float* a, const float* b, std::size_t size) {
  float sums[kSums] = {};
  std::size_t i = 0;
  for (; i + kSums <= size; i += kSums) {
    for (std::size_t lane = 0; lane < kSums; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  return SumOf(sums, a + i, b + i, size - i);
}

void scale_int8(const std::int32_t* dots, std::int32_t zero, const float* scales, float query_scale, float base,
                float* scores) {
  HWY_DYNAMIC_DISPATCH(ScaleInt8)(dots, zero, scales, query_scale, base, scores);
}

void scale_int8_scalar(const std::int32_t* dots, std::int32_t zero, const float* scales, float query_scale, float base,
                       float* scores) {
  for (std::size_t row = 0; row < kBlockRows; ++row) {
    scores[row] = static_cast<float>(dots[row] - zero) * (scales[row] * query_scale) + base;
  }
}

std::uint64_t may_reach(const float* scores, const float* errors, float query_norm, float slack, float least) {
  return HWY_DYNAMIC_DISPATCH(MayReach)(scores, errors, query_norm, slack, least);
}

std::uint64_t may_reach_scalar(const float* scores, const float* errors, float query_norm, float slack, float least) {
  std::uint64_t bits = 0;
  for (std::size_t row = 0; row < kBlockRows; ++row) {
    const bool reaches = scores[row] + query_norm * errors[row] >= least - slack;
    bits |= static_cast<std::uint64_t>(reaches) << row;
  }
  return bits;
}

}  // namespace dragoman
#endif  // HWY_ONCE
