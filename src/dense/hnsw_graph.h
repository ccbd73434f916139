#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dragoman {

/// The end of a list of neighbours that is not full.
inline constexpr std::uint32_t kNoNeighbour = ~std::uint32_t{0};

/// The links of a graph as they lie in a segment. Level 0 has all passages; the others' lists are found by `upper`.
struct HnswLinks {
  std::size_t m = 0;
  std::uint32_t entry = kNoNeighbour;     ///< Where a walk begins: on the highest level.
  std::size_t levels = 0;                 ///< Of the entry; 1 where there is level 0 alone.
  std::span<const std::uint32_t> lowest;  ///< [passages, 2 * m].
  std::span<const std::uint32_t> upper;   ///< [passages]: the first list of each in `links`, or kNoNeighbour.
  std::span<const std::uint32_t> links;   ///< [lists, m]: level 1 of a passage, level 2, ...

  std::span<const std::uint32_t> neighbours(std::size_t passage, std::size_t level) const {
    if (level == 0) return lowest.subspan(passage * 2 * m, 2 * m);
    return links.subspan((upper[passage] + level - 1) * m, m);
  }
};

}  // namespace dragoman
