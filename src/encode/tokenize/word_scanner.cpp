#include "encode/tokenize/word_scanner.h"

#include <algorithm>
#include <array>

#include "encode/tokenize/character_class.h"
#include "encode/tokenize/utf8_code.h"

namespace dragoman {
namespace {

struct Character {
  std::uint16_t classes = 0;
  std::size_t bytes = 0;  ///< 0 behind the end of the text.
  char32_t value = 0;

  bool is_space() const { return is(classes, CharacterClass::white_space); }
  bool is_letter() const { return is(classes, CharacterClass::letter); }
  bool is_number() const { return is(classes, CharacterClass::number); }
  bool is_line_end() const { return is(classes, CharacterClass::line_end); }
  bool is_sign() const { return bytes != 0 && !is_space() && !is_letter() && !is_number(); }
};

Character character_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const CodePoint point = read_code_point(text.substr(at, 4));
  return {character_classes(point.value), point.bytes, point.value};
}

template <typename Belongs>
std::size_t skip(std::string_view text, std::size_t at, std::size_t most, Belongs belongs) {
  for (std::size_t i = 0; i < most; ++i) {
    const Character character = character_at(text, at);
    if (character.bytes == 0 || !belongs(character)) break;
    at += character.bytes;
  }
  return at;
}

constexpr std::size_t kAll = std::string_view::npos;

/// Bytes of "'s", "'t", "'re", "'ve", "'m", "'ll", "'d" at the beginning of a text, or 0.
std::size_t contraction_bytes(std::string_view text, WordScanner::Contractions contractions) {
  if (!text.starts_with('\'')) return 0;
  const std::string_view rest = text.substr(1);
  // Without regard to case, a long s is an s too.
  if (contractions == WordScanner::Contractions::any_case && rest.starts_with("\xC5\xBF")) return 3;
  static constexpr std::array<std::string_view, 7> kEnds = {"s", "t", "re", "ve", "m", "ll", "d"};
  for (const std::string_view end : kEnds) {
    const bool equal =
        rest.size() >= end.size() && std::equal(end.begin(), end.end(), rest.begin(), [&](char wanted, char found) {
          const bool upper = contractions == WordScanner::Contractions::any_case && found >= 'A' && found <= 'Z';
          return wanted == (upper ? static_cast<char>(found + ('a' - 'A')) : found);
        });
    if (equal) return 1 + end.size();
  }
  return 0;
}

}  // namespace

std::optional<WordScanner> WordScanner::of(std::string_view expression) {
  // GPT-2, RoBERTa; Llama 3; Qwen 2.
  if (expression == R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)") {
    return WordScanner{};
  }
  constexpr std::string_view kHead = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)";
  constexpr std::string_view kTail = R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  if (!expression.starts_with(kHead) || !expression.ends_with(kTail)) return std::nullopt;
  const auto numbers = expression.substr(kHead.size(), expression.size() - kHead.size() - kTail.size());
  const std::size_t digits = numbers == R"(\p{N}{1,3})" ? 3 : numbers == R"(\p{N})" ? 1 : 0;
  if (digits == 0) return std::nullopt;
  return WordScanner{.contractions = Contractions::any_case,
                     .lead = Lead::any,
                     .digits = digits,
                     .lines_after = true,
                     .spaces_to_line = true};
}

std::size_t WordScanner::next(std::string_view text, std::size_t at) const {
  if (const auto bytes = contraction_bytes(text.substr(at), contractions); bytes != 0) return at + bytes;
  const auto letters = [](const Character& c) { return c.is_letter(); };
  const auto numbers = [](const Character& c) { return c.is_number(); };
  const Character first = character_at(text, at);
  const Character second = character_at(text, at + first.bytes);
  const bool is_lead =
      lead == Lead::space ? first.value == ' ' : !first.is_letter() && !first.is_number() && !first.is_line_end();

  if (first.is_letter()) return skip(text, at, kAll, letters);
  if (is_lead && second.is_letter()) return skip(text, at + first.bytes, kAll, letters);
  if (first.is_number()) return skip(text, at, digits == 0 ? kAll : digits, numbers);
  if (digits == 0 && first.value == ' ' && second.is_number()) return skip(text, at + first.bytes, kAll, numbers);
  if (first.is_sign() || (first.value == ' ' && second.is_sign())) {
    const std::size_t end = skip(text, at + first.bytes, kAll, [](const Character& c) { return c.is_sign(); });
    return lines_after ? skip(text, end, kAll, [](const Character& c) { return c.is_line_end(); }) : end;
  }

  // White space, one character at least.
  std::size_t end = at, before_last = at, behind_line = at;
  for (Character c = first; c.bytes != 0 && c.is_space(); c = character_at(text, end)) {
    before_last = end;
    end += c.bytes;
    if (c.is_line_end()) behind_line = end;
  }
  if (spaces_to_line && behind_line != at) return behind_line;
  // The last one belongs to the word behind it, unless it is the only one.
  return end == text.size() || before_last == at ? end : before_last;
}

}  // namespace dragoman
