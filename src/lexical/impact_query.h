#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "dragoman/lexical/impact_index.h"

namespace dragoman {

/// A query of weighted words in the whole steps that its scores are counted in.
struct ImpactQuery {
  /// A word that comes twice counts with the sum of its weights.
  /// @throws InvalidArgument if a weight is not finite or not above 0.
  explicit ImpactQuery(std::span<const WeightedTerm> query);

  std::vector<std::string_view> terms;  ///< Ascending, no word twice.
  std::vector<float> weights;           ///< In steps: impact_of(weight, impact) is what a posting adds.
  float unit = 1;                       ///< A step as a score.
};

}  // namespace dragoman
