#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "dragoman/lexical/lexical_segment.h"

namespace dragoman {

/// Writes the documents of inverted segments as one, numbered anew from 0 on, and returns the file's size: byte for
/// byte what LexicalSegmentBuilder makes of the same documents with the same words.
///
/// @param segments without positions, their documents in the order of their numbers.
/// @param keep whether to keep document `i` of segment `s`; called for all in turn.
/// @param add_more as in LexicalSegmentBuilder::write().
/// @throws InvalidArgument if a segment has positions or another order.
///
/// O(postings * log segments). In memory: 12 bytes a document, what a segment keeps of its words, and one word's
/// postings.
std::uint64_t merge_inverted_segments(std::span<const std::shared_ptr<const LexicalSegment>> segments,
                                      const std::function<bool(std::size_t s, std::size_t i)>& keep,
                                      const std::filesystem::path& path, std::string_view stamp,
                                      const std::function<void(SegmentWriter&)>& add_more = {});

}  // namespace dragoman
