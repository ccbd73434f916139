#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/random.h"

namespace dragoman::reranking {

/// Fisher and Yates. The same everywhere, which std::shuffle is not.
inline void shuffle(std::vector<std::size_t>& values, Random& random) {
  for (std::size_t left = values.size(); left > 1; --left) {
    std::swap(values[left - 1], values[random.below(static_cast<std::uint32_t>(left))]);
  }
}

}  // namespace dragoman::reranking
