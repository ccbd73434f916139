#include <algorithm>
#include <array>
#include <cmath>

#include "multivector/kernels.h"

namespace dragoman::scalar {
namespace {

std::int32_t product(const PanelView& panel, std::size_t lane, const std::int8_t* row) {
  std::int32_t sum = 0;
  for (std::size_t p = 0; p < panel.pairs; ++p) {
    const std::int16_t* pair = panel.values + (p * panel.lanes + lane) * 2;
    sum += pair[0] * row[2 * p] + pair[1] * row[2 * p + 1];
  }
  return sum;
}

/// The levels of one vector.
void unpack(const CodesView& codes, std::size_t dimension, std::size_t vector, std::int8_t* out) {
  const std::size_t fields = 8 / codes.bits, mask = (1u << codes.bits) - 1;
  const std::uint8_t* in = codes.codes + vector * dimension / fields;
  for (std::size_t block = 0; block < dimension; block += kCodeBlock * fields, in += kCodeBlock) {
    for (std::size_t f = 0; f < fields; ++f) {
      for (std::size_t j = 0; j < kCodeBlock; ++j) {
        out[block + f * kCodeBlock + j] = codes.levels[in[j] >> f * codes.bits & mask];
      }
    }
  }
}

}  // namespace

void score_rows(const PanelView& panel, const std::int8_t* rows, const float* scales, std::size_t count, float* out) {
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t l = 0; l < panel.lanes; ++l) {
      const std::int32_t sum = product(panel, l, rows + r * panel.pairs * 2);
      out[r * panel.lanes + l] = static_cast<float>(sum) * panel.units[l] * scales[r];
    }
  }
}

void find_nearest(const PanelView& panel, const std::int8_t* rows, const float* scales, const float* biases,
                  std::size_t count, std::uint32_t first, float* scores, std::uint32_t* best) {
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t l = 0; l < panel.lanes; ++l) {
      const float score = static_cast<float>(product(panel, l, rows + r * panel.pairs * 2)) * scales[r] - biases[r];
      if (score > scores[l]) {
        scores[l] = score;
        best[l] = first + static_cast<std::uint32_t>(r);
      }
    }
  }
}

void max_over_tokens(const PanelView& panel, const CodesView& codes, const float* centroid_scores,
                     const std::uint16_t* centroids, const std::uint16_t* scales, float scale_unit, std::size_t count,
                     float* best) {
  std::array<std::int8_t, kMaxDimension> levels;
  for (std::size_t t = 0; t < count; ++t) {
    unpack(codes, panel.pairs * 2, t, levels.data());
    const float scale = static_cast<float>(scales[t]) * scale_unit;
    for (std::size_t l = 0; l < panel.lanes; ++l) {
      const float residual = static_cast<float>(product(panel, l, levels.data())) * panel.units[l] * scale;
      best[l] = std::max(best[l], centroid_scores[centroids[t] * panel.lanes + l] + residual);
    }
  }
}

void quantize_scores(const float* scores, const float* floors, float gain, std::size_t lanes, std::size_t count,
                     std::uint8_t* out) {
  for (std::size_t i = 0; i < lanes * count; ++i) {
    const float above = std::nearbyint((scores[i] - floors[i % lanes]) * gain);
    out[i] = static_cast<std::uint8_t>(std::clamp(above, 0.0f, 255.0f));
  }
}

std::uint32_t sum_of_max(const std::uint8_t* rows, std::size_t lanes, const std::uint16_t* centroids,
                         std::size_t count) {
  std::uint32_t sum = 0;
  for (std::size_t l = 0; l < lanes; ++l) {
    std::uint8_t most = 0;
    for (std::size_t t = 0; t < count; ++t) most = std::max(most, rows[centroids[t] * lanes + l]);
    sum += most;
  }
  return sum;
}

void max_products(const float* panel, std::size_t lanes, const float* rows, std::size_t dimension, std::size_t count,
                  float* best) {
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t l = 0; l < lanes; ++l) {
      float sum = 0;
      for (std::size_t d = 0; d < dimension; ++d) sum += panel[d * lanes + l] * rows[r * dimension + d];
      best[l] = std::max(best[l], sum);
    }
  }
}

}  // namespace dragoman::scalar
