#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace dragoman {

/// How a code point acts at word boundaries: the Word_Break property (UAX #29), with the classes that ICU's rules for
/// the root locale tell apart.
enum class WordBreak : std::uint8_t {
  other,
  newline,  ///< CR, LF and the like.
  extend,   ///< Extend and Format.
  zwj,
  letter,
  hebrew_letter,
  hangul,  ///< Syllables, which ICU joins with each other alone.
  katakana,
  kana_kanji,  ///< Hiragana and Han.
  numeric,
  connector,  ///< ExtendNumLet: "_".
  mid_letter,
  mid_number,
  mid_number_letter,
  single_quote,
  double_quote,
  space,
  regional_indicator,
  pictograph,
};

/// What the analyser asks of a code point, more than once each.
struct Character {
  enum Flag : std::uint8_t {
    content = 1,        ///< A token needs one: letters, numbers, marks, symbols, emoji.
    apostrophe = 2,     ///< Of any kind.
    cjk = 4,            ///< Of Chinese and Japanese writing.
    extends = 8,        ///< A mark that belongs to what stands before it.
    dictionary = 16,    ///< Only ICU's dictionaries know where words of it end: Thai, Lao, Khmer, Burmese.
    lone_mark = 32,     ///< A mark that changes nothing but its order among other marks.
    ends_in_mark = 64,  ///< What NFKC_Casefold makes of it ends in a mark that others may change places with.
  };
  /// `folded_size` of a character that cannot be folded without its neighbours, or by more than fits.
  static constexpr std::uint8_t kNotAlone = 0xFF;

  WordBreak word_break = WordBreak::other;
  std::uint8_t flags = 0;
  std::uint8_t folded_size = kNotAlone;
  std::array<char, 5> folded{};  ///< UTF-8, the first `folded_size` bytes.

  bool is(Flag flag) const { return (flags & flag) != 0; }
};

/// Properties of all code points under one way of folding. Pages of 256 are made when they are first asked for.
/// Thread-safe: two threads may make the same page, which is the same, and one of them is kept.
class CharacterTable {
 public:
  /// What becomes of a single code point, given also what NFKC_Casefold makes of it; called while pages are made.
  using Fold = std::function<void(char32_t code_point, std::string_view casefolded, std::string& out)>;
  explicit CharacterTable(Fold fold) : fold_(std::move(fold)) {}
  ~CharacterTable();
  CharacterTable(const CharacterTable&) = delete;
  CharacterTable& operator=(const CharacterTable&) = delete;

  const Character& of(char32_t code_point) const {
    const Page* page = pages_[code_point >> 8].load(std::memory_order_acquire);
    if (page == nullptr) [[unlikely]]
      page = make_page(code_point >> 8);
    return (*page)[code_point & 0xFF];
  }

 private:
  using Page = std::array<Character, 256>;
  const Page* make_page(std::size_t number) const;

  Fold fold_;
  mutable std::array<std::atomic<const Page*>, 0x1100> pages_{};
};

/// NFKC_Casefold by ICU. @throws Unavailable if ICU has no data.
std::string nfkc_casefold(std::string_view word);

/// Character::apostrophe. "İstanbul'da" is searched as "İstanbul", "l'homme" as "homme"; they are typed in many ways.
bool is_apostrophe(char32_t code_point);

/// May it not stand inside a token? White space, brackets, apostrophes: what NFKC makes of signs for several words.
bool parts_tokens(char32_t code_point);

}  // namespace dragoman
