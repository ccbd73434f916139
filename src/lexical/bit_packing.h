#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

/// Postings are packed in blocks of so many.
inline constexpr std::size_t kBlockPostings = 128;

/// Bits that hold every value; 0 if all are 0.
unsigned bits_for(std::span<const std::uint32_t> values);

// A full block holds 128 values of `bits` bits in four interleaved streams, one for each lane of a 128-bit register:
// value i is in lane i % 4, bits [i / 4 * bits, ...) of it. Lemire and Boytsov, "Decoding billions of integers per
// second through vectorization", 2015 (SIMD-BP128). It takes 16 * bits bytes. Vector code for the processor at hand
// (Highway); the functions that end in _scalar are the same in plain C++, which the tests hold them to. bits is at
// most 32.

/// Appends a block. Values must fit into `bits`.
void pack_block(std::span<const std::uint32_t, kBlockPostings> values, unsigned bits, std::vector<std::uint8_t>& out);

/// Unpacks 128 values.
void unpack_block(const std::uint8_t* in, unsigned bits, std::uint32_t* out);
void unpack_block_scalar(const std::uint8_t* in, unsigned bits, std::uint32_t* out);

/// Unpacks 128 ascending numbers of which the gaps less one are packed: out[i] = out[i - 1] + 1 + gap[i], and
/// `previous` stands for out[-1]; all modulo 2^32, so that 2^32 - 1 comes before 0.
void unpack_ascending(const std::uint8_t* in, unsigned bits, std::uint32_t previous, std::uint32_t* out);
void unpack_ascending_scalar(const std::uint8_t* in, unsigned bits, std::uint32_t previous, std::uint32_t* out);

/// Value i of a full block.
std::uint32_t value_of_block(const std::uint8_t* in, unsigned bits, std::size_t i);

// Fewer values stand one behind the other as a stream of bits, lowest first, up to a whole byte.

inline std::size_t stream_bytes(std::size_t count, unsigned bits) { return (count * bits + 7) / 8; }

void pack_stream(std::span<const std::uint32_t> values, unsigned bits, std::vector<std::uint8_t>& out);

/// Value i of a stream. Reads up to 8 bytes beyond its end.
std::uint32_t value_of_stream(const std::uint8_t* in, unsigned bits, std::size_t i);
void unpack_stream(const std::uint8_t* in, unsigned bits, std::size_t count, std::uint32_t* out);

/// Bytes that must be readable behind the last stream.
inline constexpr std::size_t kStreamPadding = 8;

}  // namespace dragoman
