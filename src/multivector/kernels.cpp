#include "multivector/kernels.h"

#include <algorithm>
#include <cstring>

// Highway compiles what stands between its marks once for every kind of processor, and picks at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "multivector/kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: foreach_target.h must come first.
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace dragoman::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
// A processor without vectors of bytes: the plain code.
void ScoreRows(const PanelView& panel, const std::int8_t* rows, const float* scales, std::size_t count, float* out) {
  scalar::score_rows(panel, rows, scales, count, out);
}

void FindNearest(const PanelView& panel, const std::int8_t* rows, const float* scales, const float* biases,
                 std::size_t count, std::uint32_t first, float* scores, std::uint32_t* best) {
  scalar::find_nearest(panel, rows, scales, biases, count, first, scores, best);
}

void MaxOverTokens(const PanelView& panel, const CodesView& codes, const float* centroid_scores,
                   const std::uint16_t* centroids, const std::uint16_t* scales, float scale_unit, std::size_t count,
                   float* best) {
  scalar::max_over_tokens(panel, codes, centroid_scores, centroids, scales, scale_unit, count, best);
}

void QuantizeScores(const float* scores, const float* floors, float gain, std::size_t lanes, std::size_t count,
                    std::uint8_t* out) {
  scalar::quantize_scores(scores, floors, gain, lanes, count, out);
}

std::uint32_t SumOfMax(const std::uint8_t* rows, std::size_t lanes, const std::uint16_t* centroids, std::size_t count) {
  return scalar::sum_of_max(rows, lanes, centroids, count);
}

void MaxProducts(const float* panel, std::size_t lanes, const float* rows, std::size_t dimension, std::size_t count,
                 float* best) {
  scalar::max_products(panel, lanes, rows, dimension, count, best);
}
#else

// No more lanes than the groups that panels come in.
using Floats = hn::CappedTag<float, kLaneGroup>;
using Ints = hn::RebindToSigned<Floats>;
using Words = hn::RebindToUnsigned<Floats>;
using Halves = hn::Repartition<std::int16_t, Ints>;
using Float = hn::Vec<Floats>;
using Int = hn::Vec<Ints>;

/// Rows that are multiplied with the panel at a time.
constexpr std::size_t kTile = 4;

/// Products of kTile rows with the `V` vectors of lanes that begin at `lane`: sums(row, vector).
template <std::size_t V>
struct Tile {
  Int sums[kTile][V];

  HWY_INLINE Tile(const PanelView& panel, std::size_t lane, const std::int16_t* rows, std::size_t row_size) {
    const Ints d;
    const Halves dh;
    const std::size_t width = hn::Lanes(d);
    Int more[kTile][V];  // What some processors need a second register for.
    for (std::size_t r = 0; r < kTile; ++r) {
      for (std::size_t v = 0; v < V; ++v) sums[r][v] = more[r][v] = hn::Zero(d);
    }
    const std::int16_t* in = panel.values + lane * 2;
    for (std::size_t p = 0; p < panel.pairs; ++p, in += panel.lanes * 2) {
      hn::Vec<Halves> lanes[V];
      for (std::size_t v = 0; v < V; ++v) lanes[v] = hn::LoadU(dh, in + v * width * 2);
      for (std::size_t r = 0; r < kTile; ++r) {
        std::int32_t pair;
        std::memcpy(&pair, rows + r * row_size + p * 2, sizeof pair);
        const auto both = hn::BitCast(dh, hn::Set(d, pair));
        for (std::size_t v = 0; v < V; ++v) {
          sums[r][v] = hn::ReorderWidenMulAccumulate(d, both, lanes[v], sums[r][v], more[r][v]);
        }
      }
    }
    for (std::size_t r = 0; r < kTile; ++r) {
      for (std::size_t v = 0; v < V; ++v) sums[r][v] = hn::RearrangeToOddPlusEven(sums[r][v], more[r][v]);
    }
  }
};

/// Calls take(row in the tile, lane, sums) for the product of each of `rows` of the tile's rows with each vector of
/// lanes.
template <class Take>
HWY_INLINE void MultiplyTile(const PanelView& panel, const std::int16_t* tile, std::size_t rows, const Take& take) {
  const std::size_t width = hn::Lanes(Ints()), row_size = panel.pairs * 2;
  std::size_t lane = 0;
  for (; lane + 2 * width <= panel.lanes; lane += 2 * width) {
    const Tile<2> product(panel, lane, tile, row_size);
    for (std::size_t r = 0; r < rows; ++r) {
      take(r, lane, product.sums[r][0]);
      take(r, lane + width, product.sums[r][1]);
    }
  }
  for (; lane < panel.lanes; lane += width) {
    const Tile<1> product(panel, lane, tile, row_size);
    for (std::size_t r = 0; r < rows; ++r) take(r, lane, product.sums[r][0]);
  }
}

HWY_INLINE void Widen(const std::int8_t* in, std::size_t count, std::int16_t* out) {
  const hn::ScalableTag<std::int16_t> dh;
  const hn::Rebind<std::int8_t, decltype(dh)> db;
  // Counts are multiples of kCodeBlock, of which a vector of 16-bit numbers may hold two.
  std::size_t i = 0;
  for (; i + hn::Lanes(dh) <= count; i += hn::Lanes(dh)) {
    hn::StoreU(hn::PromoteTo(dh, hn::LoadU(db, in + i)), dh, out + i);
  }
  for (; i < count; ++i) out[i] = in[i];
}

/// Calls take(row, lane, sums) for `count` rows of 8-bit numbers.
template <class Take>
HWY_INLINE void MultiplyRows(const PanelView& panel, const std::int8_t* rows, std::size_t count, const Take& take) {
  const std::size_t row_size = panel.pairs * 2;
  alignas(64) std::int16_t tile[kTile * kMaxDimension];
  for (std::size_t begin = 0; begin < count; begin += kTile) {
    const std::size_t size = std::min(kTile, count - begin);
    for (std::size_t r = 0; r < kTile; ++r) {
      Widen(rows + (begin + std::min(r, size - 1)) * row_size, row_size, tile + r * row_size);
    }
    MultiplyTile(panel, tile, size,
                 [&](std::size_t r, std::size_t lane, Int sums) HWY_ATTR { take(begin + r, lane, sums); });
  }
}

void ScoreRows(const PanelView& panel, const std::int8_t* rows, const float* scales, std::size_t count, float* out) {
  const Floats d;
  MultiplyRows(panel, rows, count, [&](std::size_t r, std::size_t lane, Int sums) HWY_ATTR {
    const Float products = hn::Mul(hn::ConvertTo(d, sums), hn::LoadU(d, panel.units + lane));
    hn::StoreU(hn::Mul(products, hn::Set(d, scales[r])), d, out + r * panel.lanes + lane);
  });
}

void FindNearest(const PanelView& panel, const std::int8_t* rows, const float* scales, const float* biases,
                 std::size_t count, std::uint32_t first, float* scores, std::uint32_t* best) {
  const Floats d;
  const Words dw;
  MultiplyRows(panel, rows, count, [&](std::size_t r, std::size_t lane, Int sums) HWY_ATTR {
    const Float score = hn::Sub(hn::Mul(hn::ConvertTo(d, sums), hn::Set(d, scales[r])), hn::Set(d, biases[r]));
    const Float so_far = hn::LoadU(d, scores + lane);
    const auto better = hn::Gt(score, so_far);
    hn::StoreU(hn::IfThenElse(better, score, so_far), d, scores + lane);
    const auto number = hn::Set(dw, first + static_cast<std::uint32_t>(r));
    hn::StoreU(hn::IfThenElse(hn::RebindMask(dw, better), number, hn::LoadU(dw, best + lane)), dw, best + lane);
  });
}

template <int kBits>
HWY_INLINE void UnpackBlock(hn::Vec<hn::Full128<std::uint8_t> > bytes, hn::Vec<hn::Full128<std::int8_t> > levels,
                            std::int8_t* out) {
  const hn::Full128<std::uint8_t> du;
  const hn::Full128<std::int8_t> d;
  const auto mask = hn::Set(du, (1u << kBits) - 1);
  for (std::size_t f = 0; f < 8 / kBits; ++f) {
    hn::StoreU(hn::TableLookupBytes(levels, hn::BitCast(d, hn::And(bytes, mask))), d, out + f * kCodeBlock);
    bytes = hn::ShiftRight<kBits>(bytes);
  }
}

template <int kBits>
HWY_INLINE void Unpack(const std::uint8_t* in, const std::int8_t* levels, std::size_t dimension, std::int8_t* out) {
  const hn::Full128<std::uint8_t> du;
  const auto table = hn::LoadU(hn::Full128<std::int8_t>(), levels);
  constexpr std::size_t kBlock = kCodeBlock * 8 / kBits;
  for (std::size_t at = 0; at < dimension; at += kBlock, in += kCodeBlock) {
    UnpackBlock<kBits>(hn::LoadU(du, in), table, out + at);
  }
}

void MaxOverTokens(const PanelView& panel, const CodesView& codes, const float* centroid_scores,
                   const std::uint16_t* centroids, const std::uint16_t* scales, float scale_unit, std::size_t count,
                   float* best) {
  const Floats d;
  const std::size_t row_size = panel.pairs * 2, code_size = row_size * codes.bits / 8;
  alignas(64) std::int8_t levels[kMaxDimension];
  alignas(64) std::int16_t tile[kTile * kMaxDimension];
  for (std::size_t begin = 0; begin < count; begin += kTile) {
    const std::size_t size = std::min(kTile, count - begin);
    for (std::size_t t = 0; t < size; ++t) {
      const std::uint8_t* in = codes.codes + (begin + t) * code_size;
      if (codes.bits == 4) {
        Unpack<4>(in, codes.levels, row_size, levels);
      } else if (codes.bits == 2) {
        Unpack<2>(in, codes.levels, row_size, levels);
      } else {
        Unpack<1>(in, codes.levels, row_size, levels);
      }
      Widen(levels, row_size, tile + t * row_size);
    }
    for (std::size_t t = size; t < kTile; ++t) std::fill_n(tile + t * row_size, row_size, std::int16_t{0});
    MultiplyTile(panel, tile, size, [&](std::size_t r, std::size_t lane, Int sums) HWY_ATTR {
      const std::size_t t = begin + r;
      const Float products = hn::Mul(hn::ConvertTo(d, sums), hn::LoadU(d, panel.units + lane));
      const Float residual = hn::Mul(products, hn::Set(d, static_cast<float>(scales[t]) * scale_unit));
      const Float score = hn::Add(hn::LoadU(d, centroid_scores + centroids[t] * panel.lanes + lane), residual);
      hn::StoreU(hn::Max(hn::LoadU(d, best + lane), score), d, best + lane);
    });
  }
}

void QuantizeScores(const float* scores, const float* floors, float gain, std::size_t lanes, std::size_t count,
                    std::uint8_t* out) {
  const Floats d;
  const hn::Rebind<std::uint8_t, Floats> db;
  const auto gains = hn::Set(d, gain);
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t l = 0; l < lanes; l += hn::Lanes(d)) {
      const auto above = hn::Mul(hn::Sub(hn::LoadU(d, scores + r * lanes + l), hn::LoadU(d, floors + l)), gains);
      // Demoting alone would not do: what is beyond 16 bits may come out as 0.
      const auto steps = hn::Min(hn::Max(above, hn::Zero(d)), hn::Set(d, 255.0f));
      hn::StoreU(hn::DemoteTo(db, hn::NearestInt(steps)), db, out + r * lanes + l);
    }
  }
}

/// The same for the lanes of one vector.
template <class Bytes>
HWY_INLINE std::uint32_t SumOfMaxLanes(Bytes d, const std::uint8_t* rows, std::size_t lanes,
                                       const std::uint16_t* centroids, std::size_t count) {
  auto a = hn::Zero(d), b = hn::Zero(d);
  std::size_t t = 0;
  for (; t + 2 <= count; t += 2) {
    a = hn::Max(a, hn::LoadU(d, rows + centroids[t] * lanes));
    b = hn::Max(b, hn::LoadU(d, rows + centroids[t + 1] * lanes));
  }
  if (t < count) a = hn::Max(a, hn::LoadU(d, rows + centroids[t] * lanes));
  const hn::Repartition<std::uint64_t, Bytes> sums;
  return static_cast<std::uint32_t>(hn::GetLane(hn::SumOfLanes(sums, hn::SumsOf8(hn::Max(a, b)))));
}

std::uint32_t SumOfMax(const std::uint8_t* rows, std::size_t lanes, const std::uint16_t* centroids, std::size_t count) {
  const hn::CappedTag<std::uint8_t, 4 * kLaneGroup> four;
  const hn::CappedTag<std::uint8_t, 2 * kLaneGroup> two;
  const hn::CappedTag<std::uint8_t, kLaneGroup> one;
  std::uint32_t sum = 0;
  std::size_t lane = 0;
  for (; lane + hn::Lanes(four) <= lanes; lane += hn::Lanes(four)) {
    sum += SumOfMaxLanes(four, rows + lane, lanes, centroids, count);
  }
  for (; lane + hn::Lanes(two) <= lanes; lane += hn::Lanes(two)) {
    sum += SumOfMaxLanes(two, rows + lane, lanes, centroids, count);
  }
  for (; lane < lanes; lane += hn::Lanes(one)) sum += SumOfMaxLanes(one, rows + lane, lanes, centroids, count);
  return sum;
}

void MaxProducts(const float* panel, std::size_t lanes, const float* rows, std::size_t dimension, std::size_t count,
                 float* best) {
  const Floats d;
  const std::size_t width = hn::Lanes(d);
  for (std::size_t begin = 0; begin < count; begin += kTile) {
    const std::size_t size = std::min(kTile, count - begin);
    const float* tile[kTile];  // The last row again, where there are fewer.
    for (std::size_t r = 0; r < kTile; ++r) tile[r] = rows + (begin + std::min(r, size - 1)) * dimension;
    for (std::size_t lane = 0; lane < lanes; lane += width) {
      Float a = hn::Zero(d), b = a, c = a, e = a;
      for (std::size_t i = 0; i < dimension; ++i) {
        const Float column = hn::LoadU(d, panel + i * lanes + lane);
        a = hn::Add(a, hn::Mul(column, hn::Set(d, tile[0][i])));
        b = hn::Add(b, hn::Mul(column, hn::Set(d, tile[1][i])));
        c = hn::Add(c, hn::Mul(column, hn::Set(d, tile[2][i])));
        e = hn::Add(e, hn::Mul(column, hn::Set(d, tile[3][i])));
      }
      const Float most = hn::Max(hn::Max(a, b), hn::Max(c, e));
      hn::StoreU(hn::Max(hn::LoadU(d, best + lane), most), d, best + lane);
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace dragoman::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman {

HWY_EXPORT(ScoreRows);
HWY_EXPORT(FindNearest);
HWY_EXPORT(MaxOverTokens);
HWY_EXPORT(QuantizeScores);
HWY_EXPORT(SumOfMax);
HWY_EXPORT(MaxProducts);

void score_rows(const PanelView& panel, const std::int8_t* rows, const float* scales, std::size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(ScoreRows)(panel, rows, scales, count, out);
}

void find_nearest(const PanelView& panel, const std::int8_t* rows, const float* scales, const float* biases,
                  std::size_t count, std::uint32_t first, float* scores, std::uint32_t* best) {
  HWY_DYNAMIC_DISPATCH(FindNearest)(panel, rows, scales, biases, count, first, scores, best);
}

void max_over_tokens(const PanelView& panel, const CodesView& codes, const float* centroid_scores,
                     const std::uint16_t* centroids, const std::uint16_t* scales, float scale_unit, std::size_t count,
                     float* best) {
  HWY_DYNAMIC_DISPATCH(MaxOverTokens)
  (panel, codes, centroid_scores, centroids, scales, scale_unit, count, best);
}

void quantize_scores(const float* scores, const float* floors, float gain, std::size_t lanes, std::size_t count,
                     std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(QuantizeScores)(scores, floors, gain, lanes, count, out);
}

std::uint32_t sum_of_max(const std::uint8_t* rows, std::size_t lanes, const std::uint16_t* centroids,
                         std::size_t count) {
  return HWY_DYNAMIC_DISPATCH(SumOfMax)(rows, lanes, centroids, count);
}

void max_products(const float* panel, std::size_t lanes, const float* rows, std::size_t dimension, std::size_t count,
                  float* best) {
  HWY_DYNAMIC_DISPATCH(MaxProducts)(panel, lanes, rows, dimension, count, best);
}

}  // namespace dragoman
#endif  // HWY_ONCE
