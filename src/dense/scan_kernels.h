#pragma once

#include <cstddef>
#include <cstdint>

namespace dragoman {

// The inner loops of exact search. Vector code for the processor at hand (Highway); the functions that end in _scalar
// are the same in plain C++. Whole numbers agree to the bit; sums of floats are rounded in another order on another
// processor, so they only say which passages are worth an inner_product().

/// Vectors are compared in blocks of so many rows.
inline constexpr std::size_t kBlockRows = 64;

/// How codes of int8 and bf16 lie in a block: dimension by dimension (int8: four at a time), all 64 rows side by side,
/// so that a vector register holds one dimension of many rows and nothing has to be summed across its lanes.
///
///     int8  [groups][64 rows][4 dimensions]   bf16  [dimensions][64 rows]
inline constexpr std::size_t kGroupDimensions = 4;

/// out[q][row] = sum_i codes[row][i] * queries[q][i], codes being unsigned and queries signed.
/// @param queries [count, 4 * groups], row-major, each in [-127, 127].
/// @param out     [count, 64].
void dot_int8(const std::uint8_t* block, std::size_t groups, const std::int8_t* queries, std::size_t count,
              std::int32_t* out);
void dot_int8_scalar(const std::uint8_t* block, std::size_t groups, const std::int8_t* queries, std::size_t count,
                     std::int32_t* out);

/// out[i] = sum_j rows[chosen[i]][j] * query[j]: the same with some of rows that lie one after the other.
/// @param stride bytes of a row and of the query, a multiple of 64.
void dot_int8_rows(const std::uint8_t* rows, std::size_t stride, const std::uint32_t* chosen, std::size_t count,
                   const std::int8_t* query, std::int32_t* out);
void dot_int8_rows_scalar(const std::uint8_t* rows, std::size_t stride, const std::uint32_t* chosen, std::size_t count,
                          const std::int8_t* query, std::int32_t* out);

/// dot_int8() with codes of bfloat16 and queries of f32, [count, dimension].
void dot_bf16(const std::uint16_t* block, std::size_t dimension, const float* queries, std::size_t count, float* out);
void dot_bf16_scalar(const std::uint16_t* block, std::size_t dimension, const float* queries, std::size_t count,
                     float* out);

/// The same with `rows` (at most 64) vectors of f32, row by row.
void dot_f32(const float* vectors, std::size_t dimension, std::size_t rows, const float* queries, std::size_t count,
             float* out);
void dot_f32_scalar(const float* vectors, std::size_t dimension, std::size_t rows, const float* queries,
                    std::size_t count, float* out);

/// sum_i a[i] * b[i], the same bits on every processor: sixteen sums, each of every sixteenth product, then halved.
float inner_product(const float* a, const float* b, std::size_t size);
float inner_product_scalar(const float* a, const float* b, std::size_t size);

/// scores[row] = scales[row] * (dots[row] - zero) + base, for the 64 rows of a block.
void scale_int8(const std::int32_t* dots, std::int32_t zero, const float* scales, float query_scale, float base,
                float* scores);
void scale_int8_scalar(const std::int32_t* dots, std::int32_t zero, const float* scales, float query_scale, float base,
                       float* scores);

/// A bit for each of 64 rows whose score may, given its error, be at least `least`:
/// scores[row] + query_norm * errors[row] + slack >= least.
std::uint64_t may_reach(const float* scores, const float* errors, float query_norm, float slack, float least);
std::uint64_t may_reach_scalar(const float* scores, const float* errors, float query_norm, float slack, float least);

}  // namespace dragoman
