#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dragoman {

/// A code point and the bytes it was read from.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
  bool valid = false;
};

/// The code point that a text, which is not empty, begins with; U+FFFD of one byte where that is not UTF-8 (RFC 3629).
inline CodePoint read_code_point(std::string_view text) {
  constexpr CodePoint kInvalid = {0xFFFD, 1, false};
  const auto at = [&](std::size_t i) { return static_cast<char32_t>(static_cast<std::uint8_t>(text[i])); };
  const auto continues = [&](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
  const char32_t lead = at(0);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xE0) {
    if (lead < 0xC2 || text.size() < 2 || !continues(1)) return kInvalid;
    return {(lead & 0x1F) << 6 | (at(1) & 0x3F), 2, true};
  }
  if (lead < 0xF0) {
    if (text.size() < 3 || !continues(1) || !continues(2)) return kInvalid;
    const char32_t value = (lead & 0x0F) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F);
    if (value < 0x800 || (value >= 0xD800 && value < 0xE000)) return kInvalid;
    return {value, 3, true};
  }
  if (lead >= 0xF5 || text.size() < 4 || !continues(1) || !continues(2) || !continues(3)) return kInvalid;
  const char32_t value = (lead & 0x07) << 18 | (at(1) & 0x3F) << 12 | (at(2) & 0x3F) << 6 | (at(3) & 0x3F);
  if (value < 0x10000 || value > 0x10FFFF) return kInvalid;
  return {value, 4, true};
}

/// Bytes of the character that a byte begins, by its upper bits alone; 1 for a byte that begins none.
inline std::size_t character_bytes(char lead) {
  return static_cast<std::size_t>("\1\1\1\1\1\1\1\1\1\1\1\1\2\2\3\4"[static_cast<std::uint8_t>(lead) >> 4]);
}

inline void append_code_point(std::string& text, char32_t value) {
  const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | value >> 6), put(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    put(0xE0 | value >> 12), put(0x80 | (value >> 6 & 0x3F)), put(0x80 | (value & 0x3F));
  } else {
    put(0xF0 | value >> 18), put(0x80 | (value >> 12 & 0x3F)), put(0x80 | (value >> 6 & 0x3F)),
        put(0x80 | (value & 0x3F));
  }
}

/// SentencePiece's sign for a space, U+2581.
inline constexpr std::string_view kSpaceSign = "\xE2\x96\x81";

}  // namespace dragoman
