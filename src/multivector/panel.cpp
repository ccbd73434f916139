#include "multivector/panel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dragoman {

std::int32_t panel_limit(std::size_t padded) {
  const auto fits = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) / (127 * padded);
  return static_cast<std::int32_t>(std::min<std::size_t>(8191, fits));
}

Panel::Panel(MatrixView rows, const float* weights, std::size_t padded)
    : lanes_(round_up(rows.rows, kLaneGroup)), pairs_(padded / 2), values_(lanes_ * padded), units_(lanes_) {
  const auto limit = static_cast<float>(panel_limit(padded));
  std::vector<float> row(rows.columns);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    std::ranges::copy(rows.row(i), row.begin());
    float most = 0;
    for (std::size_t d = 0; d < row.size(); ++d) {
      if (weights != nullptr) row[d] *= weights[d];
      most = std::max(most, std::fabs(row[d]));
    }
    if (most == 0) continue;
    units_[i] = most / limit;
    for (std::size_t d = 0; d < row.size(); ++d) {
      // Not by a unit that has been rounded to 0.
      values_[(d / 2 * lanes_ + i) * 2 + d % 2] = static_cast<std::int16_t>(std::nearbyint(row[d] / most * limit));
    }
  }
}

Panel::Panel(const std::int16_t* rows, std::size_t count, std::size_t padded)
    : lanes_(round_up(count, kLaneGroup)), pairs_(padded / 2), values_(lanes_ * padded), units_(lanes_, 1.0f) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t d = 0; d < padded; ++d) values_[(d / 2 * lanes_ + i) * 2 + d % 2] = rows[i * padded + d];
  }
}

void to_points(const float* rows, std::size_t count, std::size_t dimension, std::size_t padded, float unit,
               std::int16_t* out) {
  const auto limit = static_cast<float>(panel_limit(padded));
  for (std::size_t i = 0; i < count; ++i, rows += dimension, out += padded) {
    for (std::size_t d = 0; d < dimension; ++d) {
      out[d] = static_cast<std::int16_t>(std::nearbyint(std::clamp(rows[d] / unit, -limit, limit)));
    }
    std::fill(out + dimension, out + padded, std::int16_t{0});
  }
}

}  // namespace dragoman
