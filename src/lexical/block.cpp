#include "lexical/block.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "lexical/position_block.h"

namespace dragoman {
namespace {

const std::uint8_t* frequencies_begin(const PostingList& list, std::size_t block) {
  const BlockHeader& header = list.header(block);
  return list.bytes + header.offset + stream_bytes(list.block_size(block), header.document_bits);
}

}  // namespace

std::uint8_t floor_length(std::uint32_t length) {
  if (length < 32) return static_cast<std::uint8_t>(length);
  const auto exponent = static_cast<std::uint32_t>(std::bit_width(length)) - 1;  // 5 to 31
  return static_cast<std::uint8_t>(32 + (exponent - 5) * 8 + (length >> (exponent - 3) & 7));
}

std::uint32_t length_of_code(std::uint8_t code) {
  assert(code < kLengthCodes);
  if (code < 32) return code;
  const std::uint32_t exponent = (code - 32u) / 8 + 5;
  return (8u | ((code - 32u) & 7)) << (exponent - 3);
}

void summarize(std::span<const std::uint32_t> documents, std::span<const std::uint32_t> frequencies,
               std::span<const std::uint8_t> length_codes, BlockHeader& header) {
  header.most_frequency = 0;
  header.least_length.fill(kNoLength);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    auto& least = header.least_length[frequency_class(frequencies[i])];
    least = std::min(least, length_codes[documents[i]]);
    header.most_frequency =
        std::max(header.most_frequency, static_cast<std::uint8_t>(std::min(frequencies[i], std::uint32_t{255})));
  }
}

void PostingList::documents_of(std::size_t block, std::uint32_t* out) const {
  const BlockHeader& of = header(block);
  const std::size_t count = block_size(block);
  const std::uint8_t* in = bytes + of.offset;
  std::uint32_t previous = document_before(block);
  if (count == kBlockPostings) return unpack_ascending(in, of.document_bits, previous, out);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = previous = previous + 1 + value_of_stream(in, of.document_bits, i);
  }
}

std::size_t PostingList::padded_documents_of(std::size_t block, std::uint32_t* out) const {
  const std::size_t count = block_size(block);
  documents_of(block, out);
  std::fill(out + count, out + kBlockPostings, ~std::uint32_t{0});
  return count;
}

void PostingList::frequencies_of(std::size_t block, std::uint32_t* out) const {
  const unsigned bits = header(block).frequency_bits;
  const std::size_t count = block_size(block);
  if (bits == 0) {
    std::fill_n(out, count, 1u);
    return;
  }
  const std::uint8_t* in = frequencies_begin(*this, block);
  if (count == kBlockPostings) {
    unpack_block(in, bits, out);
  } else {
    unpack_stream(in, bits, count, out);
  }
  for (std::size_t i = 0; i < count; ++i) ++out[i];
}

std::uint32_t PostingList::frequency_of(std::size_t block, std::size_t i) const {
  const unsigned bits = header(block).frequency_bits;
  if (bits == 0) return 1;
  const std::uint8_t* in = frequencies_begin(*this, block);
  return 1 + (block_size(block) == kBlockPostings ? value_of_block(in, bits, i) : value_of_stream(in, bits, i));
}

const std::uint8_t* PostingList::positions_begin(std::size_t block) const {
  return frequencies_begin(*this, block) + stream_bytes(block_size(block), header(block).frequency_bits);
}

void PostingList::positions_of(std::size_t block, std::uint64_t before, std::uint32_t frequency, std::uint64_t total,
                               std::uint32_t* out) const {
  assert(has_positions);
  unpack_positions(positions_begin(block), total, before, frequency, out);
  for (std::uint32_t i = 1; i < frequency; ++i) out[i] += out[i - 1];
}

}  // namespace dragoman
