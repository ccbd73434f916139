#include "lexical/position_block.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "lexical/bit_packing.h"

namespace dragoman {
namespace {

std::uint64_t chunks_of(std::uint64_t count) { return (count + kBlockPostings - 1) / kBlockPostings; }

/// Values in chunk `i` of `count` values.
std::size_t chunk_size(std::uint64_t i, std::uint64_t count) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(kBlockPostings, count - i * kBlockPostings));
}

}  // namespace

void position_gaps(std::span<const std::uint32_t> frequencies, std::span<const std::uint32_t> positions,
                   std::vector<std::uint32_t>& gaps) {
  gaps.resize(positions.size());
  std::size_t at = 0;
  for (const std::uint32_t frequency : frequencies) {
    std::adjacent_difference(positions.begin() + static_cast<std::ptrdiff_t>(at),
                             positions.begin() + static_cast<std::ptrdiff_t>(at + frequency),
                             gaps.begin() + static_cast<std::ptrdiff_t>(at));
    at += frequency;
  }
}

void pack_positions(std::span<const std::uint32_t> gaps, std::vector<std::uint8_t>& out) {
  const std::uint64_t chunks = chunks_of(gaps.size());
  const std::size_t begin = out.size();
  out.resize(begin + chunks);
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const auto values = gaps.subspan(i * kBlockPostings, chunk_size(i, gaps.size()));
    const unsigned bits = bits_for(values);
    out[begin + i] = static_cast<std::uint8_t>(bits);
    if (values.size() == kBlockPostings) {
      pack_block(values.first<kBlockPostings>(), bits, out);
    } else {
      pack_stream(values, bits, out);
    }
  }
}

std::optional<std::uint64_t> packed_positions_size(const std::uint8_t* in, std::uint64_t count, std::uint64_t room) {
  const std::uint64_t chunks = chunks_of(count);
  if (chunks > room) return std::nullopt;
  std::uint64_t bytes = chunks;
  for (std::uint64_t i = 0; i < chunks; ++i) {
    if (in[i] > 32) return std::nullopt;
    bytes += stream_bytes(chunk_size(i, count), in[i]);
    if (bytes > room) return std::nullopt;
  }
  return bytes;
}

void for_each_position_chunk(const std::uint8_t* in, std::uint64_t total,
                             const std::function<void(std::span<const std::uint32_t>)>& take) {
  const std::uint8_t* chunk = in + chunks_of(total);
  std::array<std::uint32_t, kBlockPostings> values;
  for (std::uint64_t i = 0; i < chunks_of(total); ++i) {
    const std::size_t size = chunk_size(i, total);
    if (size == kBlockPostings) {
      unpack_block(chunk, in[i], values.data());
    } else {
      unpack_stream(chunk, in[i], size, values.data());
    }
    take(std::span<const std::uint32_t>(values).first(size));
    chunk += stream_bytes(size, in[i]);
  }
}

void unpack_positions(const std::uint8_t* in, std::uint64_t total, std::uint64_t first, std::size_t count,
                      std::uint32_t* out) {
  const std::uint8_t* chunk = in + chunks_of(total);
  const std::uint64_t first_chunk = first / kBlockPostings;
  for (std::uint64_t i = 0; i < first_chunk; ++i) chunk += stream_bytes(kBlockPostings, in[i]);
  std::uint64_t at = first % kBlockPostings;
  for (std::uint64_t i = first_chunk; count > 0; ++i, at = 0) {
    const std::size_t size = chunk_size(i, total);
    const std::size_t end = std::min<std::size_t>(size, at + count);
    count -= end - at;
    if (size == kBlockPostings) {
      for (; at < end; ++at) *out++ = value_of_block(chunk, in[i], at);
    } else {
      for (; at < end; ++at) *out++ = value_of_stream(chunk, in[i], at);
    }
    chunk += stream_bytes(size, in[i]);
  }
}

}  // namespace dragoman
