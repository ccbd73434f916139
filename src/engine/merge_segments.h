#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "dragoman/base/progress.h"
#include "dragoman/collection/collection.h"

namespace dragoman {

/// Can segments of the kind be made one, or one of them be copied, without what was deleted? They are then written by
/// write_merged().
bool merges_kind(std::string_view kind);

/// Writes neighbouring segments of one such kind as one. Weights and codes are copied.
/// @param live one byte a document number, non-zero for those to keep; empty for all.
/// @param path may be one of the segments' own.
/// @return the file's size.
std::uint64_t write_merged(std::span<const SegmentRecord> records, std::span<const std::uint8_t> live,
                           const std::filesystem::path& path);

/// Makes few large segments of the sparse and multi-vector indexes' many small ones, as plan_merges() says, without
/// what was deleted. Weights and codes are copied: searches give the same bits. Multi-vector segments are merged with
/// those of the same codebook. A call that is killed leaves each run of segments as it was, or merged, and what is left
/// is done by the next one.
/// @param memory_bytes for a run of multi-vector segments, 8 bytes a vector; larger ones stay apart.
/// @return how many segments became others.
std::uint64_t merge_encoded_segments(Collection& collection, std::size_t memory_bytes,
                                     const ProgressCallback& progress = {});

}  // namespace dragoman
