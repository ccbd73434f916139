#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/collection/document.h"

namespace dragoman {

/// A segment that may be made one with its neighbours.
struct Mergeable {
  DocumentNumber first = 0, count = 0;  ///< Documents.
  std::uint64_t group = 0;              ///< Only neighbours of one group can be merged.
  std::size_t memory = 0;               ///< In bytes, what merging it takes.
};

/// Segments [begin, end) that become one.
struct MergeRun {
  std::size_t begin = 0, end = 0;

  friend bool operator==(const MergeRun&, const MergeRun&) = default;
};

/// No segment reaches over a multiple of so many documents.
inline constexpr DocumentNumber kMergedDocuments = 1 << 20;

/// Which neighbours are to be merged: from the last one on back, each that is at most eight times as large as all
/// behind it together, as long as they fit into memory. So a collection that grows has few segments, logarithmically
/// many, and a document is written again as rarely. Runs stand apart: those that a killed process did not get to are
/// planned again as they were, and after all of them nothing is left to do.
/// @param segments in the order of their documents.
/// @return runs of at least two, the last one first.
std::vector<MergeRun> plan_merges(std::span<const Mergeable> segments, std::size_t memory_bytes);

}  // namespace dragoman
