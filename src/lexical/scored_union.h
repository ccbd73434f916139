#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "lexical/block.h"
#include "lexical/scorer.h"
#include "lexical/union_kernels.h"

namespace dragoman {

/// One posting list of a union. A posting adds weight * tf * inverses[document] to its document's sum.
struct UnionPart {
  PostingList list;  ///< Of at least one posting.
  float weight = 1;
  std::span<const float> inverses;                                 ///< By document: 1 / (k1 * length normalisation).
  const std::array<float, kLengthCodes>* most_inverses = nullptr;  ///< By floor_length(): no longer document has more.
  std::uint32_t most_frequency = 1;                                ///< Of any posting of the segment.
  std::array<float, 8> place_weights = {};  ///< The union's highest weight that each bit of a header's languages means.
};

/// Posting lists that are scored as one word: a document's share is weight * x / (x + 1), where x is the sum over its
/// postings. Sums of floats depend on their order, so the order of lists is part of what a union is: it must be the
/// same in every segment, and a search adds a document up in it. The last list should be the longest.
struct ScoredUnion {
  std::vector<UnionPart> parts;
  std::vector<float> weights;                  ///< By group of documents, in steps; one if it serves all.
  std::span<const std::uint16_t> groups = {};  ///< By document; not used with one weight.

  float weight_of(std::uint32_t document) const { return weights.size() == 1 ? weights[0] : weights[groups[document]]; }
  std::uint32_t size() const {
    std::uint64_t postings = 0;
    for (const UnionPart& part : parts) postings += part.list.size;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(postings, ~std::uint32_t{0}));
  }
};

/// No document of this sum and weight or less scores more.
inline std::int32_t union_bound(float weight, float sum) { return sum > 0 ? raise_bound(saturated(weight, sum)) : 0; }

}  // namespace dragoman
