// Compiled for AVX-512 BF16 (src/encode/CMakeLists.txt); called only where the processor has it.
#include "encode/forward/attention_bf16.h"

#include "encode/forward/tile.h"

namespace dragoman::bf16 {
namespace {

constexpr std::size_t kQueryRows = 12;  // Queries at a time; their scores stay in the first-level cache.

constexpr std::size_t up(std::size_t value, std::size_t step) { return (value + step - 1) / step * step; }

struct Bf16Cell {
  using Vector = __m512;
  using Value = __m512bh;
  using Element = std::uint16_t;
  using Packed = std::uint32_t;
  static constexpr std::ptrdiff_t kPackedStep = 16;

  static Vector load(const Packed* b) { return _mm512_castsi512_ps(_mm512_load_si512(b)); }
  static Value broadcast(const Element* a) {
    int pair;
    __builtin_memcpy(&pair, a, sizeof(pair));
    return (Value)_mm512_set1_epi32(pair);
  }
  static Vector multiply_add(Vector sum, Value a, Vector b) {
    return _mm512_dpbf16_ps(sum, a, (__m512bh)_mm512_castps_si512(b));
  }
};

/// Where the parts of a call's scratch memory begin.
struct Scratch {
  std::size_t padded;      ///< Tokens, to a multiple of 64: whole tiles.
  std::uint32_t* keys;     ///< [padded / 64][head_dimension / 2][64], a pair of dimensions a word.
  std::uint32_t* values;   ///< [padded / 2][head_dimension], a pair of tokens a word.
  float* scores;           ///< [kQueryRows, padded]
  std::uint16_t* weights;  ///< [kQueryRows, padded]

  Scratch(void* memory, std::size_t tokens, std::size_t head_dimension) : padded(up(tokens, 64)) {
    keys = static_cast<std::uint32_t*>(memory);
    values = keys + padded * head_dimension / 2;
    scores = reinterpret_cast<float*>(values + padded / 2 * head_dimension);
    weights = reinterpret_cast<std::uint16_t*>(scores + kQueryRows * padded);
  }
};

/// Transposes 16 rows of 16 words.
void transpose(__m512i (&r)[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xDD);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xDD);
  }
  for (int i = 0; i < 4; ++i) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xDD);
    r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xDD);
  }
}

/// Lays the keys out so that a vector holds the same pair of dimensions of 16 tokens.
void pack_keys(const Attention& call, const std::uint16_t* keys, const Scratch& to) {
  const std::size_t pairs = call.head_dimension / 2;
  for (std::size_t first = 0; first < call.tokens; first += 16) {
    for (std::size_t pair = 0; pair < pairs; pair += 16) {
      __m512i rows[16];
      for (std::size_t i = 0; i < 16; ++i) {
        rows[i] = first + i < call.tokens ? _mm512_loadu_si512(keys + (first + i) * call.row_stride + 2 * pair)
                                          : _mm512_setzero_si512();
      }
      transpose(rows);
      std::uint32_t* packed = to.keys + (first / 64 * pairs + pair) * 64 + first % 64;
      for (std::size_t i = 0; i < 16; ++i) _mm512_store_si512(packed + i * 64, rows[i]);
    }
  }
}

/// Lays the values out so that a word holds the same dimension of two tokens.
void pack_values(const Attention& call, const std::uint16_t* values, const Scratch& to) {
  const auto row = [&](std::size_t token, std::size_t at) {
    if (token >= call.tokens) return _mm512_setzero_si512();
    const auto* from = reinterpret_cast<const __m256i*>(values + token * call.row_stride + at);
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256(from));
  };
  for (std::size_t token = 0; token < call.tokens; token += 2) {
    for (std::size_t at = 0; at < call.head_dimension; at += 16) {
      const __m512i pair = _mm512_or_si512(row(token, at), _mm512_slli_epi32(row(token + 1, at), 16));
      _mm512_store_si512(to.values + token / 2 * call.head_dimension + at, pair);
    }
  }
}

/// scores[row][token] = <query, key> for `rows` queries and 16 * `vectors` keys, from the key `first` on.
template <int rows, int vectors>
void score_tile(const Attention& call, const std::uint16_t* queries, const Scratch& scratch, std::size_t first,
                float* scores) {
  const std::size_t pairs = call.head_dimension / 2;
  const std::uint32_t* keys = scratch.keys + first * pairs;
  Tile<Bf16Cell, rows, vectors> sums;
  sums.start([](int) { return _mm512_setzero_ps(); });
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    TileRow<Bf16Cell, vectors> key;
    key.load(keys);
    sums.add(queries, call.row_stride, key);
    keys += 64;
    queries += 2;
  }
  sums.finish([&](int row, int column, __m512 sum) {
    _mm512_store_ps(scores + static_cast<std::size_t>(row) * scratch.padded + first + 16 * column, sum);
  });
}

template <int rows>
void score(const Attention& call, const std::uint16_t* queries, const Scratch& scratch, float* scores) {
  std::size_t first = 0;
  for (; first + 64 <= call.tokens; first += 64) score_tile<rows, 4>(call, queries, scratch, first, scores);
  with_constant<4>((call.tokens - first + 15) / 16,
                   [&](auto vectors) { score_tile<rows, vectors.value>(call, queries, scratch, first, scores); });
}

/// context[row] = weights[row] . values * scale[row]
template <int rows>
void mix(const Attention& call, const Scratch& scratch, const float* scale, float* context) {
  for (std::size_t at = 0; at < call.head_dimension; at += 32) {
    const std::uint32_t* values = scratch.values + at;
    const std::uint16_t* weights = scratch.weights;
    Tile<Bf16Cell, rows, 2> sums;
    sums.start([](int) { return _mm512_setzero_ps(); });
    for (std::size_t token = 0; token < call.tokens; token += 2) {
      TileRow<Bf16Cell, 2> value;
      value.load(values);
      sums.add(weights, scratch.padded, value);
      values += call.head_dimension;
      weights += 2;
    }
    sums.finish([&](int row, int column, __m512 sum) {
      _mm512_storeu_ps(context + static_cast<std::size_t>(row) * call.context_stride + at + 16 * column,
                       _mm512_mul_ps(sum, _mm512_set1_ps(scale[row])));
    });
  }
}

/// 2^x for x <= 0, to a relative error of 1e-4: finer than the bfloat16 that it is rounded to.
__m512 power_of_two(__m512 x) {
  const __m512 whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 part = _mm512_sub_ps(x, whole);
  __m512 p = _mm512_set1_ps(0.05517003f);
  p = _mm512_fmadd_ps(p, part, _mm512_set1_ps(0.24261114f));
  p = _mm512_fmadd_ps(p, part, _mm512_set1_ps(0.69326391f));
  p = _mm512_fmadd_ps(p, part, _mm512_set1_ps(0.99992807f));
  return _mm512_scalef_ps(p, whole);
}

/// weights = 2^(scores - largest), in bfloat16; zero beyond the tokens. Returns 1 / their sum.
float soften(const float* scores, std::size_t tokens, std::uint16_t* weights) {
  const auto lanes = [&](std::size_t at) {
    return at + 16 <= tokens ? static_cast<__mmask16>(0xFFFF)
           : at < tokens     ? static_cast<__mmask16>((1u << (tokens - at)) - 1)
                             : static_cast<__mmask16>(0);
  };
  __m512 largest = _mm512_set1_ps(-3e38f);
  for (std::size_t at = 0; at < tokens; at += 16) {
    largest = _mm512_mask_max_ps(largest, lanes(at), largest, _mm512_load_ps(scores + at));
  }
  largest = _mm512_set1_ps(_mm512_reduce_max_ps(largest));
  __m512 sum = _mm512_setzero_ps();
  const std::size_t end = up(tokens, 32);
  for (std::size_t at = 0; at < end; at += 32) {
    const __m512 low =
        _mm512_maskz_mov_ps(lanes(at), power_of_two(_mm512_sub_ps(_mm512_load_ps(scores + at), largest)));
    const __m512 high =
        _mm512_maskz_mov_ps(lanes(at + 16), power_of_two(_mm512_sub_ps(_mm512_load_ps(scores + at + 16), largest)));
    sum = _mm512_add_ps(sum, _mm512_add_ps(low, high));
    _mm512_store_si512(weights + at, (__m512i)_mm512_cvtne2ps_pbh(high, low));
  }
  return 1 / _mm512_reduce_add_ps(sum);
}

template <int rows>
void attend(const Attention& call, const Scratch& scratch, const std::uint16_t* queries, float* context) {
  constexpr int first = rows > 6 ? 6 : rows;
  score<first>(call, queries, scratch, scratch.scores);
  if constexpr (rows > 6)
    score<rows - 6>(call, queries + 6 * call.row_stride, scratch, scratch.scores + 6 * scratch.padded);
  float scale[rows];
  for (int row = 0; row < rows; ++row) {
    const std::size_t at = static_cast<std::size_t>(row) * scratch.padded;
    scale[row] = soften(scratch.scores + at, call.tokens, scratch.weights + at);
  }
  mix<rows>(call, scratch, scale, context);
}

}  // namespace

std::size_t scratch_bytes(std::size_t tokens, std::size_t head_dimension) {
  const std::size_t padded = up(tokens, 64);
  return padded * head_dimension * 4 + kQueryRows * padded * 6;
}

void attention(const Attention& call) {
  const Scratch scratch(call.scratch, call.tokens, call.head_dimension);
  const std::size_t hidden = call.heads * call.head_dimension;
  for (std::size_t head = 0; head < call.heads; ++head) {
    const std::uint16_t* queries = call.qkv + head * call.head_dimension;
    pack_keys(call, queries + hidden, scratch);
    pack_values(call, queries + 2 * hidden, scratch);
    float* context = call.context + head * call.head_dimension;
    std::size_t row = 0;
    for (; row + kQueryRows <= call.tokens; row += kQueryRows) {
      attend<kQueryRows>(call, scratch, queries + row * call.row_stride, context + row * call.context_stride);
    }
    with_constant<kQueryRows - 1>(call.tokens - row, [&](auto rows) {
      attend<rows.value>(call, scratch, queries + row * call.row_stride, context + row * call.context_stride);
    });
  }
}

}  // namespace dragoman::bf16
