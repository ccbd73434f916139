#include "encode/tokenize/character_class.h"

#include <unicode/uchar.h>

#include <array>
#include <memory>

#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

/// Whether Unicode of this version had the character.
bool existed(char32_t value, std::uint8_t version) {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(value), age);
  return age[0] != 0 && age[0] <= version;
}

bool is_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x2F800 && c <= 0x2FA1F);
}

std::uint16_t find_classes(char32_t value) {
  const auto c = static_cast<UChar32>(value);
  const std::uint32_t category = U_GET_GC_MASK(c);
  std::uint16_t classes = 0;
  const auto set = [&](CharacterClass which, bool belongs) {
    if (belongs) classes = static_cast<std::uint16_t>(classes | static_cast<std::uint16_t>(which));
  };
  const bool white = u_isUWhiteSpace(c) != 0;
  set(CharacterClass::white_space, white);
  set(CharacterClass::letter, (category & U_GC_L_MASK) != 0);
  set(CharacterClass::number, (category & U_GC_N_MASK) != 0);
  set(CharacterClass::word, u_isUAlphabetic(c) != 0 || value == 0x200C || value == 0x200D ||
                                (category & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0);
  set(CharacterClass::line_end, value == '\r' || value == '\n');
  // U+1CF2 and U+1CF3 were marks then, and U+111C9 was not.
  set(CharacterClass::mark,
      value == 0x1CF2 || value == 0x1CF3 || (value != 0x111C9 && (category & U_GC_M_MASK) != 0 && existed(value, 9)));

  const bool old = existed(value, 8);
  const bool control = value == 0 || value == 0xFFFD ||
                       (old && (category & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0 && value != '\t' &&
                        value != '\n' && value != '\r');
  set(CharacterClass::bert_control, control);
  set(CharacterClass::bert_white_space, white && !control);
  // U+166D and U+111C9 were punctuation then; U+1734 was a nonspacing mark, U+1885, U+1886 and U+A9BD were not.
  const bool ascii_sign = value > ' ' && value < 0x7F && u_isalnum(c) == 0;
  set(CharacterClass::bert_punctuation,
      ascii_sign || value == 0x166D || value == 0x111C9 || (old && (category & U_GC_P_MASK) != 0));
  set(CharacterClass::bert_ideograph, is_ideograph(value));
  set(CharacterClass::bert_nonspacing_mark,
      value == 0x1734 || (value != 0x111C9 && value != 0x1885 && value != 0x1886 && value != 0xA9BD && old &&
                          (category & U_GC_MN_MASK) != 0));
  return classes;
}

using Table = std::array<std::uint16_t, 0x10000>;

const Table& table() {
  static const std::unique_ptr<const Table> made = [] {
    auto classes = std::make_unique<Table>();
    for (char32_t value = 0; value < classes->size(); ++value) (*classes)[value] = find_classes(value);
    return classes;
  }();
  return *made;
}

}  // namespace

std::uint16_t character_classes(char32_t value) { return value < 0x10000 ? table()[value] : find_classes(value); }

std::string well_formed(std::string_view text) {
  const auto first = find_invalid_utf8(text);
  if (first == std::string_view::npos) return std::string(text);
  std::string result(text.substr(0, first));
  for (std::size_t at = first; at < text.size();) {
    const CodePoint point = read_code_point(text.substr(at, 4));
    append_code_point(result, point.value);
    at += point.bytes;
  }
  return result;
}

}  // namespace dragoman
