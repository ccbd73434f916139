#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/dense/derived_segment.h"

namespace dragoman {

/// How a graph is made. Malkov and Yashunin, "Efficient and Robust Approximate Nearest Neighbor Search Using
/// Hierarchical Navigable Small World Graphs", TPAMI 2020.
struct HnswOptions {
  std::size_t m = 32;                 ///< Neighbours on upper levels, in [2, 256]; twice as many on the lowest.
  std::size_t ef_construction = 100;  ///< Candidates kept while a passage's neighbours are sought, > 0.
};

/// @throws InvalidArgument for options out of range.
void check(const HnswOptions& options);

/// Makes the graph of a run's vectors and writes it with their codes (docs/formats/dense.md); returns the file's size.
///
/// faiss chooses the neighbours, by inner products of int8 codes. The same vectors give the same bytes: passages are
/// added one by one, on one thread. Memory: dimension + 8 * m + 40 bytes a passage, about; time: about
/// O(passages * log passages).
/// @throws InvalidArgument for options out of range.
std::uint64_t write_hnsw_segment(const DenseVectors& vectors, const PassageRun& run, const HnswOptions& options,
                                 const std::filesystem::path& path, std::string_view stamp,
                                 const ProgressCallback& progress = {});

/// Bytes that write_hnsw_segment() needs for each passage.
std::size_t hnsw_bytes_per_passage(std::size_t dimension, const HnswOptions& options);

/// A mapped graph of a run of passages. Thread-safe.
class HnswSegment : public DerivedSegment {
 public:
  /// Looks at every link, so that a walk cannot leave the graph.
  /// @throws NotFound, InvalidData as DerivedSegment, and where the sections contradict one another.
  HnswSegment(const std::filesystem::path& path, std::string_view stamp, const DenseVectors& vectors);
  ~HnswSegment();

  /// Passages near a query, by the numbers of DenseVectors, the nearest (by int8 codes) first: at most `ef`.
  ///
  /// @param allowed one byte a passage of the run, non-zero where it may be returned; empty for all. The walk goes
  ///                through passages that may not be returned, so that those behind them are found.
  std::vector<std::uint32_t> search(std::span<const float> query, std::size_t ef,
                                    std::span<const std::uint8_t> allowed) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace dragoman
