#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/document_set.h"
#include "dragoman/lexical/lexical_segment.h"

namespace dragoman {

/// Ten bits: eight lose as many of the exact ten best documents as a good approximate search (bench/sparse/README.md).
inline constexpr std::uint32_t kMostImpact = 1020;

/// Weights in [0, most] as whole numbers in [1, kMostImpact], as ImpactIndex wants them: weight * kMostImpact / most,
/// rounded.
struct ImpactQuantizer {
  float most = 1;  ///< The highest weight there is, > 0; higher ones count as this.

  /// 0 for what is 0 or rounds to it: leave such a word out.
  std::uint32_t operator()(float weight) const;
};

/// A word of a query with its weight, above 0.
struct WeightedTerm {
  std::string_view term;
  float weight = 1;
};

/// Sparse vectors over words (or vocabulary entries of a learned encoder, by their text), searched by inner product:
///
///     score(q, d) = sum over t in q of  weight(q, t) * impact(d, t)
///
/// Segments are LexicalSegmentBuilder::add_weighted()'s, of impacts from 1 to kMostImpact. The engine is that of
/// Bm25Index, with bounds by block; scores do not depend on how it goes about it, nor on segments. Each product is
/// rounded to 2^-30 of kMostImpact times the sum of the query's weights, and is at least one such step. Thread-safe.
class ImpactIndex {
 public:
  /// Segments in any order; their documents must not overlap. @throws InvalidData if they do, naming two files, or if
  /// an impact is above kMostImpact.
  explicit ImpactIndex(std::vector<std::shared_ptr<const LexicalSegment>> segments);

  /// The best documents that share a word with the query, as Bm25Index::search() orders them. A word that comes twice
  /// counts with the sum of its weights.
  /// @throws InvalidArgument if a weight is not finite or not above 0.
  std::vector<ScoredDocument> search(std::span<const WeightedTerm> query, std::size_t depth,
                                     TopKMethod method = TopKMethod::max_score,
                                     const DocumentSet* allowed = nullptr) const;

 private:
  std::vector<std::shared_ptr<const LexicalSegment>> segments_;  // In the order of their documents.
};

}  // namespace dragoman
