#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dragoman/dense/compact_segment.h"
#include "dragoman/dense/dense_vectors.h"

namespace dragoman {

/// Queries that are compared with every block together.
struct QueryBlock {
  std::span<const float> vectors;  ///< [count, dimension].
  std::size_t count = 0, dimension = 0;
  std::vector<float> norms;  ///< Rounded up.
};

/// @param vectors [n, dimension]; they must outlive the block.
QueryBlock make_query_block(std::span<const float> vectors, std::size_t dimension);

/// Scores of blocks of passages for some queries, each with how wrong it may be:
///
///     |scores[q][row] - <query q, passage row>| <= norms[q] * errors(b)[row] + slack(q)
class BlockScorer {
 public:
  virtual ~BlockScorer() = default;
  /// @param scores [queries, 64].
  virtual void score(std::size_t block, float* scores) = 0;
  virtual const float* errors(std::size_t block) const = 0;
  float slack(std::size_t query) const { return slack_[query]; }

 protected:
  std::vector<float> slack_;
};

/// Passages that are compared by one kind of scorer, in blocks of 64.
class ScanRun {
 public:
  virtual ~ScanRun() = default;
  /// The scorer keeps the queries' place.
  virtual std::unique_ptr<BlockScorer> scorer(const QueryBlock& queries) const = 0;
  virtual std::size_t size() const = 0;
  /// By the numbers of DenseVectors; ascending.
  virtual std::size_t passage(std::size_t i) const = 0;
};

/// The vectors themselves: `size` of a segment from its `offset` on.
std::unique_ptr<ScanRun> make_vector_run(const DenseVectors& vectors, std::size_t segment, std::size_t offset,
                                         std::size_t size);
/// Codes.
std::unique_ptr<ScanRun> make_compact_run(const CompactSegment& segment);
/// The vectors of some passages.
std::unique_ptr<ScanRun> make_chosen_run(const DenseVectors& vectors, std::span<const std::uint32_t> passages);

}  // namespace dragoman
