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
  DensePassage passage;
  float score = 0;  ///< Inner product; the cosine, for unit vectors. Higher is better.
};

/// Exact search: every vector is compared. A document's score is that of its best passage (the first of equals).
///
/// Where there are codes of vectors in bf16 or int8, they are read instead of the vectors. What a code leaves out of a
/// vector has a known length, and no inner product can be wrong by more than that times the query's length, so only
/// passages that are not certainly too bad are compared again in f32. So the result is that of comparing the vectors
/// themselves, to the bit, whatever is read.
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
  /// @throws InvalidArgument if the dimension is not the index's.
  ///
  /// O(n * passages * dimension): one query takes as long as reading the codes from memory takes, many together as long
  /// as multiplying them. Where a filter leaves few passages only those are read. Thread-safe; the same bits at any
  /// number of threads.
  std::vector<std::vector<DenseMatch>> search(std::span<const float> queries, std::size_t dimension, std::size_t depth,
                                              std::span<const std::uint8_t> allowed, std::size_t threads) const;

  /// The same among some passages only, ascending.
  std::vector<std::vector<DenseMatch>> search_among(std::span<const std::uint32_t> passages,
                                                    std::span<const float> queries, std::size_t dimension,
                                                    std::size_t depth, std::size_t threads) const;

  std::size_t size() const { return vectors_->size(); }
  std::size_t dimension() const { return vectors_->dimension(); }

 private:
  std::shared_ptr<const DenseVectors> vectors_;
  std::vector<std::shared_ptr<const CompactSegment>> compact_;
};

/// Inner product of two vectors of the same length, in a fixed order of summation: the same bits on any processor.
float inner_product(std::span<const float> a, std::span<const float> b);

}  // namespace dragoman
