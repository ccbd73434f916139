#pragma once

#include <cmath>
#include <cstddef>

namespace dragoman {

/// What a reader sees of a rank, counted from 1.
inline double exposure_of(std::size_t rank) { return 1 / std::log2(static_cast<double>(rank) + 1); }

}  // namespace dragoman
