#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dragoman/dense/dense_options.h"
#include "dragoman/dense/flat_index.h"
#include "dragoman/dense/hnsw_segment.h"
#include "dragoman/dense/ivf_pq_segment.h"

namespace dragoman {

/// What finds near vectors in a collection: the vectors, and whatever was made of them to be faster. Each may cover any
/// part of the vectors; what nothing covers is compared exactly.
struct DenseIndexParts {
  std::shared_ptr<const DenseVectors> vectors;
  std::vector<std::shared_ptr<const CompactSegment>> compact = {};
  std::vector<std::shared_ptr<const HnswSegment>> graphs = {};
  std::vector<std::shared_ptr<const IvfPqSegment>> lists = {};  ///< Of passages that no graph holds.
};

/// Nearest documents, exactly or by graphs or lists. Thread-safe.
class DenseIndex {
 public:
  /// @throws InvalidData if two segments of one kind hold the same passages.
  explicit DenseIndex(DenseIndexParts parts);

  /// The `depth` best documents for each query, in the order of FlatIndex::search(), which see.
  ///
  /// Graphs and lists find candidates by codes; their order and scores are those of the vectors. They may miss some:
  /// bench/dense/README.md has how many. Under a filter that leaves few passages those are compared exactly; under any
  /// other the graph is walked as ever, and what may not be returned only leads on; more lists are looked into.
  ///
  /// Under an adjustment they find candidates by inner products, which are in another order than the adjusted scores,
  /// so four times as many are compared: exact searches give what the adjustment says, others may miss more.
  ///
  /// @param adjustment as FlatIndex::search().
  ///
  /// The same bits at any number of threads.
  std::vector<std::vector<DenseMatch>> search(std::span<const float> queries, std::size_t dimension, std::size_t depth,
                                              std::span<const std::uint8_t> allowed, const DenseSearchOptions& options,
                                              std::size_t threads, const ScoreAdjustment* adjustment = nullptr) const;

  std::size_t size() const { return parts_.vectors->size(); }
  std::size_t dimension() const { return parts_.vectors->dimension(); }
  /// Does it search otherwise than exactly, if it is not told to?
  bool approximate() const { return !parts_.graphs.empty() || !parts_.lists.empty(); }

 private:
  std::vector<std::uint32_t> candidates(std::span<const float> query, std::size_t passages,
                                        std::span<const std::uint8_t> allowed, double allowed_share,
                                        const DenseSearchOptions& options) const;

  DenseIndexParts parts_;
  FlatIndex flat_;
  std::vector<std::uint32_t> uncovered_;  // Passages that no graph and no list holds.
  double passages_per_document_ = 1;
};

}  // namespace dragoman
