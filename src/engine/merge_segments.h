#pragma once

#include <cstddef>
#include <cstdint>

#include "dragoman/base/progress.h"
#include "dragoman/collection/collection.h"

namespace dragoman {

/// Makes few large segments of the sparse and multi-vector indexes' many small ones, as plan_merges() says, without
/// what was deleted. Weights and codes are copied: searches give the same bits. Multi-vector segments are merged with
/// those of the same codebook. A call that is killed leaves each run of segments as it was, or merged, and what is left
/// is done by the next one.
/// @param memory_bytes for a run of multi-vector segments, 8 bytes a vector; larger ones stay apart.
/// @return how many segments became others.
std::uint64_t merge_encoded_segments(Collection& collection, std::size_t memory_bytes,
                                     const ProgressCallback& progress = {});

}  // namespace dragoman
