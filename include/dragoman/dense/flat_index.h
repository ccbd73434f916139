#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dragoman/dense/compact_segment.h"
#include "dragoman/dense/dense_segment.h"
#include "dragoman/dense/dense_vectors.h"

namespace dragoman {

/// A document with the passage that made it match.
struct DenseMatch {
  Passage passage;
  float score = 0;  ///< Inner product; the cosine, for unit vectors. Higher is better.
};

/// Makes scores those of other vectors than the index keeps, which are its own moved and scaled by groups:
///
///     score(query q, passage i) = scales[i] * (<q, vector i> - offsets[q, groups[i]])
struct ScoreAdjustment {
  std::span<const float> scales;          ///< By passage, in the order of the index; finite, >= 0.
  std::span<const std::uint16_t> groups;  ///< By passage: below `group_count`.
  std::span<const float> offsets;         ///< [queries, group_count], row-major; finite.
  std::size_t group_count = 0;
};

/// Exact search: every vector is compared. A document's score is that of its best passage (the first of equals).
///
/// Where there are codes of vectors in bf16 or int8, they are read instead of the vectors. What a code leaves out of a
/// vector has a known length, and no inner product can be wrong by more than that times the query's length, so only
/// passages that are not certainly too bad are compared again in f32. So the result is that of comparing the vectors
/// themselves, to the bit, whatever is read. The same holds for adjusted scores, whose errors are scaled as they are.
class FlatIndex {
 public:
  explicit FlatIndex(std::vector<std::shared_ptr<const DenseSegment>> segments);
  /// @param compact codes of vectors, of any number of passages, none of them twice. Others are read as they are.
  explicit FlatIndex(std::shared_ptr<const DenseVectors> vectors,
                     std::vector<std::shared_ptr<const CompactSegment>> compact);
  ~FlatIndex();

  /// The `depth` best documents for each query: score descending, then document number ascending.
  ///
  /// @param queries [n, dimension], row-major.
  /// @param allowed one byte a document number, non-zero where it may be returned; empty for all.
  /// @param adjustment what scores are, if not inner products; null for those.
  /// @throws InvalidArgument if the dimension is not the index's, or the adjustment is of another number of passages or
  ///         queries.
  ///
  /// O(n * passages * dimension): one query takes as long as reading the codes from memory takes, many together as long
  /// as multiplying them. Where a filter leaves few passages only those are read. Thread-safe; the same bits at any
  /// number of threads.
  std::vector<std::vector<DenseMatch>> search(std::span<const float> queries, std::size_t dimension, std::size_t depth,
                                              std::span<const std::uint8_t> allowed, std::size_t threads,
                                              const ScoreAdjustment* adjustment = nullptr) const;

  /// The same among some passages only, ascending.
  std::vector<std::vector<DenseMatch>> search_among(std::span<const std::uint32_t> passages,
                                                    std::span<const float> queries, std::size_t dimension,
                                                    std::size_t depth, std::size_t threads,
                                                    const ScoreAdjustment* adjustment = nullptr) const;

  std::size_t size() const { return vectors_->size(); }
  std::size_t dimension() const { return vectors_->dimension(); }

 private:
  std::shared_ptr<const DenseVectors> vectors_;
  std::vector<std::shared_ptr<const CompactSegment>> compact_;
};

/// Inner product of two vectors of the same length, in a fixed order of summation: the same bits on any processor.
float inner_product(std::span<const float> a, std::span<const float> b);

}  // namespace dragoman
