#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace dragoman {

// Positions of a block's postings: of each posting in turn the first position, then by how much each further one is
// beyond the one before. For every 128 of these values begun there is a byte that says in how many bits they are; the
// packed values follow.

/// Makes such values of positions, `frequencies` of each posting. Positions of a posting must not descend.
void position_gaps(std::span<const std::uint32_t> frequencies, std::span<const std::uint32_t> positions,
                   std::vector<std::uint32_t>& gaps);

void pack_positions(std::span<const std::uint32_t> gaps, std::vector<std::uint8_t>& out);

/// How many bytes pack_positions() made of `count` values. Nothing if it would have been more than `room`, or of more
/// than 32 bits: such bytes are damaged.
std::optional<std::uint64_t> packed_positions_size(const std::uint8_t* in, std::uint64_t count, std::uint64_t room);

/// Hands over all of `total` values, at most 128 at a time. Reads up to 8 bytes beyond the end.
void for_each_position_chunk(const std::uint8_t* in, std::uint64_t total,
                             const std::function<void(std::span<const std::uint32_t>)>& take);

/// Values [first, first + count) of `total`. Reads up to 8 bytes beyond the end.
void unpack_positions(const std::uint8_t* in, std::uint64_t total, std::uint64_t first, std::size_t count,
                      std::uint32_t* out);

}  // namespace dragoman
