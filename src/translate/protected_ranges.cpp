#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "dragoman/translate/sentences.h"

namespace dragoman {
namespace {

constexpr std::size_t kLeastDigits = 3, kLongestTag = 1024, kLongestEntity = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_letter(c) || static_cast<unsigned char>(c) >= 0x80; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Where an address ends: at a space, a quote or a bracket, and before punctuation that closes the sentence.
std::size_t end_of_address(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && !is_space(text[end]) && std::string_view("<>\"{}|\\^`").find(text[end]) == text.npos)
    ++end;
  while (end > begin && std::string_view(".,;:!?)]'").find(text[end - 1]) != text.npos) {
    // A bracket that was opened in the address belongs to it.
    if (text[end - 1] == ')' && text.substr(begin, end - begin).find('(') != text.npos) break;
    --end;
  }
  return end;
}

/// Each of these looks at what begins at `at`, and gives its end if it is there.
using Finder = std::optional<std::size_t> (*)(std::string_view text, std::size_t at);

std::optional<std::size_t> web_address(std::string_view text, std::size_t at) {
  if (at > 0 && is_word(text[at - 1])) return {};
  const std::string_view rest = text.substr(at);
  std::size_t scheme = 0;
  for (const std::string_view prefix : {"http://", "https://", "ftp://", "www."}) {
    if (rest.starts_with(prefix)) scheme = prefix.size();
  }
  if (scheme == 0) return {};
  const std::size_t end = end_of_address(text, at);
  return end > at + scheme ? std::optional(end) : std::nullopt;
}

std::optional<std::size_t> mail_address(std::string_view text, std::size_t at) {
  const auto local = [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("._%+-").find(c) != std::string_view::npos;
  };
  if (!is_letter(text[at]) && !is_digit(text[at])) return {};
  if (at > 0 && local(text[at - 1])) return {};
  std::size_t end = at;
  while (end < text.size() && local(text[end])) ++end;
  if (end == text.size() || text[end] != '@') return {};
  const std::size_t host = ++end;
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '.' || text[end] == '-'))
    ++end;
  while (end > host && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  return text.substr(host, end - host).find('.') == text.npos ? std::nullopt : std::optional(end);
}

std::optional<std::size_t> markup_tag(std::string_view text, std::size_t at) {
  if (text[at] != '<' || at + 2 >= text.size()) return {};
  const std::size_t name = at + (text[at + 1] == '/' ? 2 : 1);
  if (name >= text.size() || !(is_letter(text[name]) || text[name] == '!')) return {};
  const auto end = text.substr(0, std::min(text.size(), at + kLongestTag)).find_first_of("<>", at + 1);
  return end == text.npos || text[end] != '>' ? std::nullopt : std::optional(end + 1);
}

std::optional<std::size_t> entity(std::string_view text, std::size_t at) {
  if (text[at] != '&') return {};
  std::size_t end = at + 1;
  while (end < text.size() && end < at + kLongestEntity &&
         (is_letter(text[end]) || is_digit(text[end]) || text[end] == '#'))
    ++end;
  return end > at + 1 && end < text.size() && text[end] == ';' ? std::optional(end + 1) : std::nullopt;
}

std::optional<std::size_t> code(std::string_view text, std::size_t at) {
  if (text[at] != '`') return {};
  const auto end = text.find('`', at + 1);
  return end == text.npos || end == at + 1 ? std::nullopt : std::optional(end + 1);
}

/// Is what begins at `at` the rest of a word, as "2" is of "R2D2" and "34" of "Т34"? Not behind Chinese, Japanese, Thai
/// and their like, which put no spaces around numbers.
bool goes_on(std::string_view text, std::size_t at) {
  if (at == 0 || !is_word(text[at - 1])) return false;
  if (static_cast<unsigned char>(text[at - 1]) < 0x80) return true;
  auto before = static_cast<std::int32_t>(std::min<std::size_t>(at, U8_MAX_LENGTH));
  const std::string_view end = text.substr(at - static_cast<std::size_t>(before), static_cast<std::size_t>(before));
  UChar32 letter = 0;
  U8_PREV(end.data(), 0, before, letter);
  if (letter < 0) return true;
  switch (u_getIntPropertyValue(letter, UCHAR_LINE_BREAK)) {
    case U_LB_IDEOGRAPHIC:
    case U_LB_COMPLEX_CONTEXT:
    case U_LB_CONDITIONAL_JAPANESE_STARTER:
    case U_LB_NONSTARTER:
    case U_LB_OPEN_PUNCTUATION:
    case U_LB_CLOSE_PUNCTUATION:
      return false;
    default:
      return u_isalnum(letter) || (U_GET_GC_MASK(letter) & U_GC_M_MASK) != 0;
  }
}

std::optional<std::size_t> number(std::string_view text, std::size_t at) {
  if (!is_digit(text[at]) || goes_on(text, at)) return {};
  // "005" of "b1,005" is no number of its own.
  if (at > 1 && (text[at - 1] == '.' || text[at - 1] == ',') && is_digit(text[at - 2])) return {};
  std::size_t digits = 0, end = at;
  while (end < text.size()) {
    if (is_digit(text[end])) {
      ++digits;
      ++end;
    } else if ((text[end] == '.' || text[end] == ',') && end + 1 < text.size() && is_digit(text[end + 1])) {
      ++end;
    } else {
      break;
    }
  }
  return digits >= kLeastDigits ? std::optional(end) : std::nullopt;
}

constexpr Finder kFinders[] = {web_address, mail_address, markup_tag, entity, code, number};

std::string digits_of(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), is_digit);
  return digits;
}

/// All numbers of a text by their digits, without what stands between these.
std::map<std::string, std::size_t> numbers_of(std::string_view text) {
  std::map<std::string, std::size_t> numbers;
  for (std::size_t at = 0; at < text.size();) {
    const auto separates = [&](std::size_t i) {
      return std::string_view("., :h").find(text[i]) != std::string_view::npos && i + 1 < text.size() &&
             is_digit(text[i + 1]);
    };
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && (is_digit(text[end]) || separates(end))) ++end;
    ++numbers[digits_of(text.substr(at, end - at))];
    // Outside of numbers these part two of them: "14h30", "1998: 5".
    constexpr std::string_view kParting = " :h";
    if (text.substr(at, end - at).find_first_of(kParting) != text.npos) {
      for (std::size_t part = at; part < end;) {
        const std::size_t next = std::min(text.find_first_of(kParting, part), end);
        ++numbers[digits_of(text.substr(part, next - part))];
        part = next + 1;
      }
    }
    at = end;
  }
  return numbers;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

}  // namespace

std::vector<TextRange> protected_ranges(std::string_view sentence) {
  std::vector<TextRange> ranges;
  for (std::size_t at = 0; at < sentence.size();) {
    std::size_t end = at;
    for (const Finder finder : kFinders) {
      if (const auto found = finder(sentence, at)) {
        end = *found;
        break;
      }
    }
    if (end == at) {
      ++at;
      continue;
    }
    ranges.push_back({at, end});
    at = end;
  }
  return ranges;
}

bool keeps_protected(std::string_view sentence, std::span<const TextRange> ranges, std::string_view translation) {
  std::optional<std::map<std::string, std::size_t>> numbers;
  std::map<std::string, std::size_t> wanted;
  for (const TextRange& range : ranges) {
    const std::string_view part = range.of(sentence);
    if (!is_digit(part[0]) || part.find('@') != part.npos) {
      if (count(translation, part) < count(sentence, part)) return false;
      continue;
    }
    if (!numbers) numbers = numbers_of(translation);
    const std::string digits = digits_of(part);
    const auto found = numbers->find(digits);
    if (found == numbers->end() || found->second < ++wanted[digits]) return false;
  }
  return true;
}

}  // namespace dragoman
