#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// Spellings of letters, and of letters that stand together, in Latin.
///
/// Data is a list of entries between white space, `letters=latin`: "щ=shch", "ου=ou", "ь=" (nothing). "^" before the
/// letters holds at the beginning of a word only, "$" behind them at its end. The longest entry that fits is taken;
/// of two equally long ones the anchored one, and the later one of the same kind.
class LetterTable {
 public:
  /// @param base  entries that hold where these say nothing; may be null, and is not kept.
  explicit LetterTable(std::string_view entries, const LetterTable* base = nullptr);

  /// Appends the word in Latin. A capital gives a capital, or capitals only inside a word of capitals. What the table
  /// does not have is passed to `other(code point, out)`.
  template <class Other>
  void convert(std::u32string_view word, std::string& out, Other&& other) const {
    for (std::size_t at = 0; at < word.size();) {
      const std::size_t taken = convert_one(word, at, out);
      if (taken == 0) other(word[at], out);
      at += taken == 0 ? 1 : taken;
    }
  }

  /// As above for the letters at `at`: how many were taken, 0 if none is in the table.
  std::size_t convert_one(std::u32string_view word, std::size_t at, std::string& out) const;

 private:
  struct Entry {
    std::u32string letters;
    std::string latin;
    bool initial = false, final = false;
  };
  void add(Entry entry);

  std::vector<Entry> entries_;
  char32_t first_ = 0;                                // Of the code points that begin an entry.
  std::vector<std::vector<std::uint16_t>> by_first_;  // Entries that begin with it, best first.
};

/// Well-formed text as code points; ill-formed bytes are U+FFFD.
std::u32string decode_utf8(std::string_view text);

}  // namespace dragoman
