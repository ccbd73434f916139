#include "encode/tokenize/byte_alphabet.h"

#include <array>

#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

constexpr bool is_shown(std::uint32_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr std::array<char32_t, 256> kCharacters = [] {
  std::array<char32_t, 256> characters{};
  char32_t next = 0x100;
  for (std::uint32_t byte = 0; byte < characters.size(); ++byte) {
    characters[byte] = is_shown(byte) ? static_cast<char32_t>(byte) : next++;
  }
  return characters;
}();

/// By character; -1 for those that no byte is written as.
constexpr std::array<std::int16_t, 0x144> kBytes = [] {
  std::array<std::int16_t, 0x144> bytes{};
  bytes.fill(-1);
  for (std::size_t byte = 0; byte < kCharacters.size(); ++byte) {
    bytes[kCharacters[byte]] = static_cast<std::int16_t>(byte);
  }
  return bytes;
}();

}  // namespace

char32_t character_of_byte(std::uint8_t byte) { return kCharacters[byte]; }

std::optional<std::string> bytes_of_token(std::string_view token) {
  std::string bytes;
  for (std::size_t at = 0; at < token.size();) {
    const CodePoint point = read_code_point(token.substr(at, 4));
    if (!point.valid || point.value >= kBytes.size() || kBytes[point.value] < 0) return std::nullopt;
    bytes += static_cast<char>(kBytes[point.value]);
    at += point.bytes;
  }
  return bytes;
}

}  // namespace dragoman
