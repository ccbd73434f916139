#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dragoman/multivector/max_sim.h"
#include "dragoman/multivector/multi_vector_segment.h"

namespace dragoman {

/// How a search goes about it.
enum class MultiVectorMethod {
  pruned,      ///< Candidates by their centroids, the best of them by their vectors.
  exhaustive,  ///< Every vector of every passage: the slow twin.
};

struct MultiVectorOptions {
  MultiVectorMethod method = MultiVectorMethod::pruned;
  /// Centroids that each query token looks into, at least 1. More find more, and cost more.
  std::size_t probes = 8;
  /// Candidates whose vectors are decompressed, of those that score best by centroids alone; at least 1, and never
  /// fewer than documents asked for.
  std::size_t full_scores = 512;
};

/// A document with the passage that made it match.
struct MultiVectorMatch {
  Passage passage;
  float score =
      0;  ///< max_sim() of the query and the decompressed vectors, but for rounding of the query. Higher is better.

  friend bool operator==(const MultiVectorMatch&, const MultiVectorMatch&) = default;
};

/// Late interaction over compressed token vectors, in the stages of PLAID (Santhanam et al., CIKM 2022): passages with
/// a token near a query token's best centroids; MaxSim of the query and the passages' centroids; MaxSim of the query
/// and the decompressed vectors. A document's score is that of its best passage (the first of equals).
class MultiVectorIndex {
 public:
  /// Segments in any order. @throws InvalidData if their dimensions differ or their documents overlap, naming two
  /// files.
  explicit MultiVectorIndex(std::vector<std::shared_ptr<const MultiVectorSegment>> segments);

  /// The `depth` best documents for each query: score descending, then document number ascending. A query without
  /// tokens finds nothing.
  ///
  /// @param queries [tokens, dimension] each, at most 4096 tokens.
  /// @param allowed one byte a document number, non-zero where it may be returned; empty for all. It is asked where
  ///        candidates are made, and a search that would have fewer candidates than full_scores probes more centroids,
  ///        so narrow filters lose nothing.
  /// @throws InvalidArgument if a dimension is not the index's, a value is beyond 1e15 or no number, or an option is
  /// out of range.
  ///
  /// Thread-safe; the same bits at any number of threads, on every processor, and however documents with one codebook
  /// are cut into segments.
  std::vector<std::vector<MultiVectorMatch>> search(std::span<const MatrixView> queries, std::size_t depth,
                                                    const MultiVectorOptions& options,
                                                    std::span<const std::uint8_t> allowed, std::size_t threads) const;

  std::size_t passage_count() const;
  std::size_t vector_count() const;
  std::size_t dimension() const { return dimension_; }  ///< 0 without segments.

 private:
  std::vector<std::shared_ptr<const MultiVectorSegment>> segments_;  // By their documents.
  std::size_t dimension_ = 0;
};

}  // namespace dragoman
