#include "encode/tokenize/sentence_piece_normalizer.h"

#include <utility>

#include "encode/tokenize/utf8_code.h"

namespace dragoman {

SentencePieceNormalizer::SentencePieceNormalizer(std::optional<CharacterMap> map,
                                                 const SentencePieceNormalizerOptions& options,
                                                 std::optional<Trie> symbols)
    : map_(std::move(map)), options_(options), symbols_(std::move(symbols)) {
  const auto is_unmapped = [&](const std::string& character) {
    if (symbols_ && symbols_->walk(character.substr(0, 1))) return false;
    if (!map_) return true;
    if (!map_->begins_entry(character)) return map_->longest_prefix(character).bytes == 0;
    if (character.size() > 1 || map_->find(character).value_or(character) != character) return false;
    for (char after = 0; after >= 0 && after < 0x7F; ++after) {
      if (map_->begins_entry(character + after)) return false;
    }
    return !map_->begins_entry(character + '\x7F');
  };
  std::string character;
  for (char32_t value = 0; value < plain_.size(); ++value) {
    if (value == ' ' || (value >= 0xD800 && value < 0xE000)) continue;
    character.clear();
    append_code_point(character, value);
    plain_[value] = is_unmapped(character);
  }
}

/// Where plain characters end, at or behind `at`.
std::size_t SentencePieceNormalizer::skip_plain(std::string_view text, std::size_t at) const {
  while (at < text.size()) {
    const auto byte = static_cast<std::uint8_t>(text[at]);
    if (byte < 0x80) {
      const bool ascii_follows = at + 1 == text.size() || static_cast<std::uint8_t>(text[at + 1]) < 0x80;
      if (!plain_[byte] || !ascii_follows) break;
      ++at;
    } else {
      const CodePoint point = read_code_point(text.substr(at, 4));
      if (!point.valid || !is_plain(point.value)) break;
      at += point.bytes;
    }
  }
  return at;
}

/// What the text begins with, and what it becomes.
SentencePieceNormalizer::Piece SentencePieceNormalizer::next(std::string_view text) const {
  if (symbols_) {
    if (const auto bytes = symbols_->longest_prefix(text).bytes; bytes != 0) return {text.substr(0, bytes), bytes};
  }
  if (map_) {
    if (const auto match = map_->longest_prefix(text); match.bytes != 0) return {match.text, match.bytes};
  }
  const CodePoint point = read_code_point(text.substr(0, 4));
  if (!point.valid) return {"\xEF\xBF\xBD", 1};
  return {text.substr(0, point.bytes), point.bytes};
}

std::string SentencePieceNormalizer::normalize(std::string_view text) const {
  const bool remove = options_.remove_extra_whitespaces;
  std::size_t at = 0;
  while (remove && at < text.size()) {
    const Piece piece = next(text.substr(at));
    if (piece.text != " ") break;
    at += piece.bytes;
  }
  std::string result;
  if (at == text.size()) return result;
  result.reserve(text.size() - at + (text.size() - at) / 3 + kSpaceSign.size());
  if (options_.add_dummy_prefix) result += kSpaceSign;

  bool after_space = remove;
  while (at < text.size()) {
    if (const std::size_t end = skip_plain(text, at); end != at) {
      result.append(text, at, end - at);
      at = end;
      after_space = false;
      continue;
    }
    const Piece piece = next(text.substr(at));
    std::string_view rest = piece.text;
    at += piece.bytes;
    while (after_space && rest.starts_with(' ')) rest.remove_prefix(1);
    for (const char byte : rest) {
      if (byte == ' ') {
        result += kSpaceSign;
      } else {
        result += byte;
      }
    }
    if (!rest.empty()) after_space = remove && rest.ends_with(' ');
  }
  // A sign that the text itself ends with goes too, as in SentencePiece.
  while (remove && result.ends_with(kSpaceSign)) result.resize(result.size() - kSpaceSign.size());
  return result;
}

}  // namespace dragoman
