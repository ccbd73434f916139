// Compiled for AVX-512 VNNI (src/encode/CMakeLists.txt); called only where the processor has it.
#include "encode/forward/int8_vnni.h"

#include "encode/forward/tile.h"

namespace dragoman::vnni {
namespace {

constexpr int kVectors = 4;  // Of 16 outputs: one panel.
constexpr int kRows = 6;     // 6 x 4 accumulators, 4 vectors of weights, 1 of activations: 29 of 32 registers.
constexpr int kPanel = 16 * kVectors;

struct Int8Cell {
  using Vector = __m512i;
  using Value = __m512i;
  using Element = std::uint8_t;
  using Packed = std::int8_t;
  static constexpr std::ptrdiff_t kPackedStep = 64;

  static Vector load(const Packed* b) { return _mm512_load_si512(b); }
  static Value broadcast(const Element* a) {
    int four;
    __builtin_memcpy(&four, a, sizeof(four));
    return _mm512_set1_epi32(four);
  }
  static Vector multiply_add(Vector sum, Value a, Vector b) { return _mm512_dpbusd_epi32(sum, a, b); }
};

/// x * Phi(x), Phi by an odd polynomial on [-4, 4] fitted for the least absolute error of the product (1.9e-4), and
/// constant beyond.
__m512 gelu(__m512 x) {
  const __m512 c = _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(-4.0f)), _mm512_set1_ps(4.0f));
  const __m512 y = _mm512_mul_ps(c, c);
  __m512 p = _mm512_set1_ps(2.278104813580731e-08f);
  p = _mm512_fmadd_ps(p, y, _mm512_set1_ps(-1.5985810455594653e-06f));
  p = _mm512_fmadd_ps(p, y, _mm512_set1_ps(4.795507792941545e-05f));
  p = _mm512_fmadd_ps(p, y, _mm512_set1_ps(-0.0008140111809644701f));
  p = _mm512_fmadd_ps(p, y, _mm512_set1_ps(0.00877236975181083f));
  p = _mm512_fmadd_ps(p, y, _mm512_set1_ps(-0.06457309063359942f));
  p = _mm512_fmadd_ps(p, y, _mm512_set1_ps(0.3978833906373228f));
  return _mm512_mul_ps(x, _mm512_fmadd_ps(c, p, _mm512_set1_ps(0.5f)));
}

struct Store {
  static void put(void* output, std::size_t at, __mmask16 lanes, __m512 x) {
    _mm512_mask_storeu_ps(static_cast<float*>(output) + at, lanes, x);
  }
};
struct Add {
  static void put(void* output, std::size_t at, __mmask16 lanes, __m512 x) {
    float* to = static_cast<float*>(output) + at;
    _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, to), x));
  }
};
struct Gelu {
  static void put(void* output, std::size_t at, __mmask16 lanes, __m512 x) {
    _mm512_mask_storeu_ps(static_cast<float*>(output) + at, lanes, gelu(x));
  }
};
struct StoreBf16 {
  static void put(void* output, std::size_t at, __mmask16 lanes, __m512 x) {
    const __m512i bits = _mm512_castps_si512(x);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
    _mm256_mask_storeu_epi16(static_cast<std::uint16_t*>(output) + at, lanes,
                             _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)));
  }
};

/// Gives a block of sums its scales and biases, and lets it go where it belongs. Apart from the sums' loop, and from
/// memory: inlined there, GCC would run out of registers in the loop.
template <typename How>
__attribute__((noinline)) void finish_block(const Product& p, const std::int32_t* sums, std::size_t first,
                                            std::size_t first_row, std::size_t rows) {
  for (std::size_t column = 0; column < kPanel && first + column < p.outputs; column += 16) {
    const std::size_t output = first + column, left = p.outputs - output;
    const __mmask16 lanes = left >= 16 ? 0xFFFF : static_cast<__mmask16>((1u << left) - 1);
    const __m512 scale = _mm512_loadu_ps(p.scales + output), bias = _mm512_loadu_ps(p.bias + output);
    for (std::size_t row = 0; row < rows; ++row) {
      const __m512 sum = _mm512_cvtepi32_ps(_mm512_load_si512(sums + row * kPanel + column));
      const std::size_t at_row = first_row + row;
      const __m512 x = _mm512_fmadd_ps(sum, _mm512_mul_ps(_mm512_set1_ps(p.row_scales[at_row]), scale), bias);
      How::put(p.output, at_row * p.output_stride + output, lanes, x);
    }
  }
}

template <typename How, int rows>
void multiply_block(const Product& p, std::size_t panel, std::size_t first_row) {
  const std::size_t first = panel * kPanel;
  const std::uint8_t* a = p.rows + first_row * p.row_stride;
  const std::int8_t* b = p.panels + first * p.groups * 4;
  Tile<Int8Cell, rows, kVectors> sums;
  sums.start([&](int column) { return _mm512_loadu_si512(p.start + first + 16 * column); });
  for (std::size_t group = 0; group < p.groups; ++group) {
    TileRow<Int8Cell, kVectors> weights;
    weights.load(b);
    sums.add(a, p.row_stride, weights);
    a += 4;
    b += 4 * kPanel;
  }
  alignas(64) std::int32_t kept[rows * kPanel];
  sums.finish([&](int row, int column, __m512i sum) { _mm512_store_si512(kept + row * kPanel + 16 * column, sum); });
  finish_block<How>(p, kept, first, first_row, rows);
}

template <typename How>
void multiply_as(const Product& p) {
  const std::size_t panels = (p.outputs + kPanel - 1) / kPanel;
  for (std::size_t panel = 0; panel < panels; ++panel) {
    std::size_t row = 0;
    for (; row + kRows <= p.row_count; row += kRows) multiply_block<How, kRows>(p, panel, row);
    with_constant<kRows - 1>(p.row_count - row, [&](auto rows) { multiply_block<How, rows.value>(p, panel, row); });
  }
}

struct AsItIs {
  const float* x;
  __m512 operator()(std::size_t at) const { return _mm512_loadu_ps(x + at); }
};

struct Levelled {
  const float *x, *centre, *gain;
  __m512 operator()(std::size_t at) const {
    return _mm512_mul_ps(_mm512_sub_ps(_mm512_loadu_ps(x + at), _mm512_loadu_ps(centre + at)),
                         _mm512_loadu_ps(gain + at));
  }
};

template <bool kOneSided, typename Row>
float quantize_as(const Row& row, std::size_t n, std::uint8_t* out) {
  __m512 most[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  for (std::size_t i = 0; i < n; i += 64) {
    for (std::size_t k = 0; k < 4; ++k) {
      const __m512 y = row(i + 16 * k);
      most[k] = _mm512_max_ps(most[k], kOneSided ? y : _mm512_abs_ps(y));
    }
  }
  const float largest =
      _mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(most[0], most[1]), _mm512_max_ps(most[2], most[3])));
  constexpr float kSteps = kOneSided ? 255 : 127;
  const __m512 inverse = _mm512_set1_ps(largest > 0 ? kSteps / largest : 0);
  const auto rounded = [&](std::size_t at) { return _mm512_cvtps_epi32(_mm512_mul_ps(row(at), inverse)); };
  // Packing works in each quarter of the vectors; this puts the words of four back into order.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  for (std::size_t i = 0; i < n; i += 64) {
    const __m512i low = _mm512_packs_epi32(rounded(i), rounded(i + 16));
    const __m512i high = _mm512_packs_epi32(rounded(i + 32), rounded(i + 48));
    __m512i bytes;
    if constexpr (kOneSided) {
      bytes = _mm512_packus_epi16(low, high);  // Which also cuts off below 0.
    } else {
      bytes = _mm512_xor_si512(_mm512_packs_epi16(low, high), _mm512_set1_epi8(static_cast<char>(0x80)));
    }
    _mm512_storeu_si512(out + i, _mm512_permutexvar_epi32(order, bytes));
  }
  return largest / kSteps;
}

template <bool kOneSided>
float quantize_sided(const float* x, std::size_t n, const float* centre, const float* gain, std::uint8_t* out) {
  return centre ? quantize_as<kOneSided>(Levelled{x, centre, gain}, n, out) : quantize_as<kOneSided>(AsItIs{x}, n, out);
}

}  // namespace

float quantize(const float* x, std::size_t n, const float* centre, const float* gain, bool one_sided,
               std::uint8_t* out) {
  return one_sided ? quantize_sided<true>(x, n, centre, gain, out) : quantize_sided<false>(x, n, centre, gain, out);
}

void multiply(const Product& product) {
  switch (product.effect) {
    case 0:
      return multiply_as<Store>(product);
    case 1:
      return multiply_as<Add>(product);
    case 2:
      return multiply_as<Gelu>(product);
    default:
      return multiply_as<StoreBf16>(product);
  }
}

}  // namespace dragoman::vnni
