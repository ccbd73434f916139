#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lexical/dictionary.h"
#include "lexical/segment_content.h"

namespace dragoman {

/// Verifies the postings of a segment, word by word: that they lie in their sections one behind the other, that
/// documents ascend and are there, that frequencies add up to lengths, and that headers say what the postings say.
/// Every failure is InvalidData.
class PostingCheck {
 public:
  explicit PostingCheck(const SegmentContent& content);

  /// The next word.
  void take(const DictionaryEntry& entry);
  /// After the last one.
  void finish() const;

  std::uint32_t most_frequency() const { return most_frequency_; }

 private:
  void check_place(const DictionaryEntry& entry);
  void check_blocks(const PostingList& list);
  /// The positions of postings with these frequencies: that they do not descend, and fit into 32 bits.
  void check_positions(const PostingList& list, std::size_t block, std::span<const std::uint32_t> frequencies);
  void check_languages(const PostingList& list);
  [[noreturn]] void refuse(const char* what) const;

  const SegmentContent& content_;
  std::vector<std::uint8_t> length_codes_;
  std::vector<std::uint64_t> sums_;                                     // Of frequencies, by document.
  std::vector<std::uint32_t> counts_, places_;                          // By language, of one word.
  std::uint64_t term_ = 0, postings_ = 0, blocks_ = 0, languages_ = 0;  // Taken so far.
  std::uint32_t most_frequency_ = 0;
  std::uint64_t positions_ = 0;        // Taken so far.
  std::uint64_t short_positions_ = 0;  // That the entry of a short list says it has.
  std::uint64_t word_bytes_ = 0;       // Of the word at hand.
};

}  // namespace dragoman
