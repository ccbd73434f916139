#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/collection/segment_file.h"
#include "lexical/block.h"
#include "lexical/dictionary.h"
#include "lexical/term_postings.h"

namespace dragoman {

/// Writes words with their postings into a segment: the sections postings, blocks, term_languages, dictionary and
/// dictionary_groups of docs/formats/lexical.md. In memory: all of them but postings.
class PostingWriter {
 public:
  /// Begins the section postings. Both spans are by document, in the segment's own order, and must outlive the writer.
  /// @param positions whether the postings have them.
  PostingWriter(SegmentWriter& file, std::span<const std::uint8_t> length_codes,
                std::span<const std::uint32_t> document_languages, std::size_t language_count, bool positions);

  /// Words and, within each, documents must ascend; frequencies are at least 1, and positions of one document do not
  /// descend.
  void add(std::string_view term, const PostingSpans& postings);

  /// Writes what is left.
  void finish();

 private:
  void add_block(std::span<const std::uint32_t> documents, std::span<const std::uint32_t> frequencies,
                 std::uint32_t previous, std::uint64_t postings_offset);
  /// Puts positions behind the packed block.
  void add_positions(const PostingSpans& block);
  void count_languages(std::span<const std::uint32_t> documents, DictionaryEntry& entry);
  void flush();

  SegmentWriter& file_;
  std::span<const std::uint8_t> length_codes_;
  std::span<const std::uint32_t> document_languages_;
  bool has_positions_;
  std::uint64_t position_count_ = 0;
  std::uint64_t written_ = 0;           // Bytes of the section postings that are in the file.
  std::vector<std::uint8_t> postings_;  // Those that are not.
  std::vector<BlockHeader> headers_;
  std::vector<LanguageCount> term_languages_;
  DictionaryWriter dictionary_;
  std::vector<std::uint32_t> counts_, places_;  // By language, of one word.
  std::vector<std::uint32_t> gaps_, less_one_;  // Of one block.
  std::vector<std::uint8_t> packed_;
};

/// Sorts languages of a word by descending count, then by ascending number: the order that headers' bits stand for.
void sort_languages(std::span<LanguageCount> languages);

/// The bit of a header that stands for the word's language of this place.
inline std::uint8_t language_bit(std::size_t place) { return static_cast<std::uint8_t>(1u << (place < 7 ? place : 7)); }

}  // namespace dragoman
