#include "encode/token_estimate.h"

#include <algorithm>

namespace dragoman {
namespace {

constexpr std::size_t kSixths = 6;

struct CodePoint {
  std::size_t bytes, sixths;  ///< Its length, and its share of tokens.
};

/// Ill-formed bytes count a token each, as byte-level tokenizers have it.
CodePoint code_point_at(std::string_view text, std::size_t offset) {
  const auto lead = static_cast<unsigned char>(text[offset]);
  const std::size_t left = text.size() - offset;
  if (lead < 0x80) {
    const bool letter = (lead >= 'a' && lead <= 'z') || (lead >= 'A' && lead <= 'Z');
    if (letter) return {1, 2};
    return {1, lead <= ' ' ? std::size_t{1} : kSixths};
  }
  if (lead >= 0xF0) return {std::min<std::size_t>(4, left), 3 * kSixths};
  if (lead >= 0xE0) return {std::min<std::size_t>(3, left), kSixths + kSixths / 2};
  if (lead >= 0xC0) return {std::min<std::size_t>(2, left), kSixths};
  return {1, kSixths};
}

}  // namespace

std::size_t estimate_tokens(std::string_view text) {
  std::size_t sixths = 0;
  for (std::size_t offset = 0; offset < text.size();) {
    const CodePoint next = code_point_at(text, offset);
    sixths += next.sixths;
    offset += next.bytes;
  }
  return (sixths + kSixths - 1) / kSixths;
}

std::string_view estimated_prefix(std::string_view text, std::size_t tokens) {
  std::size_t sixths = 0, offset = 0;
  while (offset < text.size()) {
    const CodePoint next = code_point_at(text, offset);
    sixths += next.sixths;
    if (sixths > tokens * kSixths) break;
    offset += next.bytes;
  }
  return text.substr(0, offset);
}

}  // namespace dragoman
