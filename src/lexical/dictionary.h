#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lexical/block.h"
#include "lexical/varint.h"

namespace dragoman {

/// Words stand in groups of so many; the first of a group is whole, the others say how much they share with the one
/// before them.
inline constexpr std::size_t kGroupTerms = 16;

/// A word's entry: either its postings themselves, or where they lie.
struct DictionaryEntry {
  std::uint32_t documents = 0;
  // Fewer than 128 postings: they stand in the dictionary.
  std::uint8_t document_bits = 0, frequency_bits = 0;
  std::uint64_t positions = 0;  ///< How many there are; 0 where the segment has none.
  std::span<const std::uint8_t> packed;
  // 128 and more: in the sections postings, blocks and term_languages.
  std::uint64_t postings_offset = 0, first_block = 0, first_language = 0, language_count = 0;
};

/// Builds the sections dictionary and dictionary_groups.
class DictionaryWriter {
 public:
  explicit DictionaryWriter(bool positions) : positions_(positions) {}

  /// Terms must ascend. @throws InvalidArgument beyond 4 GiB.
  void add(std::string_view term, const DictionaryEntry& entry);

  std::size_t term_count() const { return term_count_; }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  const std::vector<std::uint32_t>& groups() const { return groups_; }

 private:
  bool positions_;
  std::size_t term_count_ = 0;
  std::string last_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint32_t> groups_;  // Where each begins.
};

/// Reads them. Thread-safe.
class Dictionary {
 public:
  Dictionary() = default;

  /// Walks over all of it once, and hands over every word, so that no later look-up needs a check. O(bytes).
  /// @param positions whether short lists have them.
  /// @param check called with each word and its entry in turn.
  /// @return what is wrong with the bytes, or nothing.
  using Check = std::function<void(std::string_view, const DictionaryEntry&)>;
  std::string open(std::span<const std::uint8_t> bytes, std::span<const std::uint32_t> groups, std::uint64_t term_count,
                   bool positions, const Check& check);

  std::size_t term_count() const { return term_count_; }

  /// False if there is no such word. O(log terms).
  bool find(std::string_view term, DictionaryEntry& entry) const;

  /// `index` must be below term_count(). O(1).
  std::string term(std::size_t index) const;

 private:
  std::size_t group_of(std::string_view term) const;

  std::span<const std::uint8_t> bytes_;
  std::span<const std::uint32_t> groups_;
  std::size_t term_count_ = 0;
  bool positions_ = false;
  std::vector<std::uint64_t> prefixes_;  // First 8 bytes of each group's first word, as a number in the order of words.
};

}  // namespace dragoman
