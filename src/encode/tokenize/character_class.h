#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "encode/tokenize/utf8_code.h"

namespace dragoman {

/// What tokenizers ask of a character; a character may be in several classes. Programs that models were trained with
/// know Unicode of several ages: BERT's classes are Hugging Face's, of Unicode 8.0.
enum class CharacterClass : std::uint16_t {
  white_space = 1 << 0,           ///< White_Space.
  letter = 1 << 1,                ///< General category L.
  number = 1 << 2,                ///< General category N.
  word = 1 << 3,                  ///< A regular expression's \w.
  line_end = 1 << 4,              ///< CR or LF.
  bert_white_space = 1 << 5,      ///< Becomes a space when BERT cleans a text.
  bert_control = 1 << 6,          ///< Goes when BERT cleans a text.
  bert_punctuation = 1 << 7,      ///< A word of its own for BERT.
  bert_ideograph = 1 << 8,        ///< Gets spaces around it for BERT.
  bert_nonspacing_mark = 1 << 9,  ///< Goes when BERT strips accents.
  mark = 1 << 10,                 ///< General category M; goes with Hugging Face's StripAccents.
};

/// All classes of a code point, as bits. Thread-safe.
std::uint16_t character_classes(char32_t value);

inline bool is(std::uint16_t classes, CharacterClass wanted) {
  return (classes & static_cast<std::uint16_t>(wanted)) != 0;
}
inline bool is(char32_t value, CharacterClass wanted) { return is(character_classes(value), wanted); }

/// The text, with U+FFFD for each byte that is not part of well-formed UTF-8.
std::string well_formed(std::string_view text);

}  // namespace dragoman
