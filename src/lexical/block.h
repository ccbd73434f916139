#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lexical/bit_packing.h"

namespace dragoman {

/// Lengths in one byte, rounded down to five significant bits, for bounds alone: a shorter document never scores less.
/// Exact below 32, within 1/8 above.
std::uint8_t floor_length(std::uint32_t length);
/// The least length that floor_length() gives this code.
std::uint32_t length_of_code(std::uint8_t code);
inline constexpr std::size_t kLengthCodes = 248;

/// Frequencies of a block fall into so many classes: 1, 2, 3, and 4 or more.
inline constexpr std::size_t kFrequencyClasses = 4;
inline constexpr std::uint8_t kNoLength = 255;

/// What is known of up to 128 postings of a word without unpacking them. 16 bytes, as it lies in the file.
struct BlockHeader {
  std::uint32_t last_document = 0;  ///< In the segment's own order.
  std::uint32_t offset = 0;         ///< Of its bytes, from where the word's begin.
  std::uint8_t document_bits = 0;
  std::uint8_t frequency_bits = 0;
  std::uint8_t most_frequency = 0;  ///< The highest; 255 for that and more.
  /// Bit i: has documents in the word's i-th language; bit 7 stands for the seventh and all beyond.
  std::uint8_t languages = 0;
  /// By class of frequencies, the floor_length() of its shortest document; kNoLength where it has none. With the
  /// highest frequency, this bounds the score of every posting for any k1, b and average length.
  std::array<std::uint8_t, kFrequencyClasses> least_length = {kNoLength, kNoLength, kNoLength, kNoLength};

  bool operator==(const BlockHeader&) const = default;
};
static_assert(sizeof(BlockHeader) == 16);

/// Documents of a word in one language.
struct LanguageCount {
  std::uint32_t language = 0;  ///< Index into the segment's languages.
  std::uint32_t documents = 0;

  bool operator==(const LanguageCount&) const = default;
};

inline std::size_t frequency_class(std::uint32_t frequency) { return frequency < 4 ? frequency - 1 : 3; }

/// Fills in what a header says of frequencies and lengths. `length_codes` is by document.
void summarize(std::span<const std::uint32_t> documents, std::span<const std::uint32_t> frequencies,
               std::span<const std::uint8_t> length_codes, BlockHeader& header);

/// A word's postings as they lie in a segment. Valid as long as it.
struct PostingList {
  std::uint32_t size = 0;  ///< 0 for an unknown word.
  const std::uint8_t* bytes = nullptr;
  std::span<const BlockHeader> headers;      ///< Of lists of 128 and more; the last block may be short.
  BlockHeader only;                          ///< Of a shorter list, which has no headers: what unpacks it, no bounds.
  std::span<const LanguageCount> languages;  ///< Of lists of 128 and more, most frequent first.
  bool has_positions = false;

  std::size_t block_count() const { return headers.empty() ? (size > 0) : headers.size(); }
  const BlockHeader& header(std::size_t block) const { return headers.empty() ? only : headers[block]; }
  std::size_t block_size(std::size_t block) const {
    return block + 1 < block_count() ? kBlockPostings : size - block * kBlockPostings;
  }
  /// The document before the block's first; 2^32 - 1 before the first of all.
  std::uint32_t document_before(std::size_t block) const {
    return block == 0 ? ~std::uint32_t{0} : headers[block - 1].last_document;
  }

  /// `out` must have room for 128.
  void documents_of(std::size_t block, std::uint32_t* out) const;
  /// The same, and 2^32 - 1 behind them up to 128, so that a block may be searched as if it were whole.
  /// @return how many are documents.
  std::size_t padded_documents_of(std::size_t block, std::uint32_t* out) const;
  void frequencies_of(std::size_t block, std::uint32_t* out) const;
  std::uint32_t frequency_of(std::size_t block, std::size_t i) const;

  /// Where the packed positions of a block begin, if there are any.
  const std::uint8_t* positions_begin(std::size_t block) const;
  /// Positions of one posting, ascending. `before` of the block's positions belong to postings before it; it has
  /// `frequency` of the block's `total`, and `out` room for them.
  void positions_of(std::size_t block, std::uint64_t before, std::uint32_t frequency, std::uint64_t total,
                    std::uint32_t* out) const;
};

}  // namespace dragoman
