#pragma once

#include <cstddef>
#include <cstdint>

namespace dragoman {

/// Rows of a panel, and columns of its scores, come in groups of so many.
inline constexpr std::size_t kLaneGroup = 16;
/// Bytes of a block of codes: dimensions are padded to 128 / bits, whole blocks.
inline constexpr std::size_t kCodeBlock = 16;
inline constexpr std::size_t kMaxDimension = 4096;

/// Vectors as whole numbers, turned so that each is a lane of a SIMD register: pair p of dimensions of lane l lies at
/// values[(p * lanes + l) * 2]. `lanes` is a multiple of kLaneGroup; those behind the last vector are 0.
/// A product of a panel's row and one of 8-bit numbers fits into 32 bits: Panel sees to it.
struct PanelView {
  const std::int16_t* values = nullptr;
  const float* units = nullptr;  ///< [lanes]: a number times its lane's unit is what was meant.
  std::size_t lanes = 0;
  std::size_t pairs = 0;
};

/// Compressed residuals of vectors, one behind another: per vector, blocks of kCodeBlock bytes. Field f of byte j in
/// block b is the code of dimension b * 128 / bits + f * kCodeBlock + j, field 0 being the lowest bits.
struct CodesView {
  const std::uint8_t* codes = nullptr;
  const std::int8_t* levels = nullptr;  ///< [kCodeBlock], of which 2^bits count: what each code stands for.
  unsigned bits = 4;
};

// The inner loops of training and search. Vector code for the processor at hand (Highway); the functions in `scalar`
// are the same in plain C++, and give the same bits: products are sums of whole numbers, and what is rounded is rounded
// in the same order.

/// out[r][l] = (float(<row r, lane l>) * units[l]) * scales[r], for `count` rows of [2 * pairs] 8-bit numbers.
void score_rows(const PanelView& panel, const std::int8_t* rows, const float* scales, std::size_t count, float* out);

/// For each lane the row with the highest float(<row r, lane l>) * scales[r] - biases[r], the first of equals. `best`
/// and `scores`, [lanes], hold the best so far on entry; rows count from `first`.
void find_nearest(const PanelView& panel, const std::int8_t* rows, const float* scales, const float* biases,
                  std::size_t count, std::uint32_t first, float* scores, std::uint32_t* best);

/// best[l] = max(best[l], centroid_scores[centroids[t]][l] + (float(<code t, lane l>) * units[l]) * scales[t] *
/// scale_unit) over `count` vectors t.
void max_over_tokens(const PanelView& panel, const CodesView& codes, const float* centroid_scores,
                     const std::uint16_t* centroids, const std::uint16_t* scales, float scale_unit, std::size_t count,
                     float* best);

/// out = clamp(round((scores - floors[l]) * gain), 0, 255), for `count` rows of scores; to nearest even.
void quantize_scores(const float* scores, const float* floors, float gain, std::size_t lanes, std::size_t count,
                     std::uint8_t* out);

/// Sum over lanes of the maximum over `count` > 0 rows, rows[centroids[t]], of bytes.
std::uint32_t sum_of_max(const std::uint8_t* rows, std::size_t lanes, const std::uint16_t* centroids,
                         std::size_t count);

/// best[l] = max(best[l], <row r, lane l>) over `count` rows of [dimension] floats; lane l of dimension d lies at
/// panel[d * lanes + l]. Products are added up by ascending dimension.
void max_products(const float* panel, std::size_t lanes, const float* rows, std::size_t dimension, std::size_t count,
                  float* best);

namespace scalar {
void score_rows(const PanelView& panel, const std::int8_t* rows, const float* scales, std::size_t count, float* out);
void find_nearest(const PanelView& panel, const std::int8_t* rows, const float* scales, const float* biases,
                  std::size_t count, std::uint32_t first, float* scores, std::uint32_t* best);
void max_over_tokens(const PanelView& panel, const CodesView& codes, const float* centroid_scores,
                     const std::uint16_t* centroids, const std::uint16_t* scales, float scale_unit, std::size_t count,
                     float* best);
void quantize_scores(const float* scores, const float* floors, float gain, std::size_t lanes, std::size_t count,
                     std::uint8_t* out);
std::uint32_t sum_of_max(const std::uint8_t* rows, std::size_t lanes, const std::uint16_t* centroids,
                         std::size_t count);
void max_products(const float* panel, std::size_t lanes, const float* rows, std::size_t dimension, std::size_t count,
                  float* best);
}  // namespace scalar

}  // namespace dragoman
