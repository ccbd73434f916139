#pragma once

#include <cstddef>

namespace dragoman {

/// Dimensions that one code of four bits stands for.
inline constexpr std::size_t kPartDimensions = 4;

/// Parts of a vector, filled up with zeros to whole registers.
inline constexpr std::size_t parts_of(std::size_t dimension) { return (dimension + 15) / 16 * 4; }

}  // namespace dragoman
