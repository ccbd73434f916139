#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/collection/collection.h"
#include "dragoman/multivector/multi_vector_segment.h"
#include "dragoman/sparse/sparse_index.h"

namespace dragoman {

/// Files that a collection lists as its sparse index's, opened. Their passages are counted on.
/// @throws NotFound for a file that is gone, InvalidData for one that is damaged or made otherwise than `stamp` says.
std::vector<std::shared_ptr<const SparseSegment>> open_sparse_segments(std::span<const SegmentRecord> records,
                                                                       std::string_view stamp);

/// The same of multi-vectors.
std::vector<std::shared_ptr<const MultiVectorSegment>> open_multi_vector_segments(
    std::span<const SegmentRecord> records, std::string_view stamp);

}  // namespace dragoman
