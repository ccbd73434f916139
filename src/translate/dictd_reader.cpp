#include "translate/dictd_reader.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "translate/text_fields.h"

namespace dragoman {
namespace {

/// Numbers of an index are written in digits of base 64, the highest first.
std::optional<std::uint64_t> parse_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.empty() || text.size() > 10) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    number = number * 64 + digit;
  }
  return number;
}

/// The definitions of all entries: a .dict.dz is a gzip file too.
std::string read_definitions(const std::string& index_path) {
  const std::string stem = index_path.substr(0, index_path.size() - std::string_view(".index").size());
  for (const char* ending : {".dict.dz", ".dict"}) {
    if (!std::filesystem::exists(stem + ending)) continue;
    LineReader lines(stem + ending);
    std::string text;
    // Offsets count bytes, so line ends must be what they were: dictd's files have no CR.
    for (std::string_view line; lines.next(line);) {
      text += line;
      text += '\n';
    }
    return text;
  }
  throw NotFound(fmt::format("{0}.dict.dz: no such file; {1} is an index of it", stem, index_path));
}

/// Without what stands in brackets, grammar and pronunciations.
std::string without_notes(std::string_view text) {
  std::string plain;
  std::string closing;  // Of the brackets that are open.
  for (const char c : text) {
    constexpr std::string_view kOpen = "([{<", kClose = ")]}>";
    if (const std::size_t open = kOpen.find(c); open != std::string_view::npos) {
      closing += kClose[open];
    } else if (!closing.empty() && c == closing.back()) {
      closing.pop_back();
    } else if (closing.empty()) {
      plain += c;
    }
  }
  return plain;
}

/// "1. " or "2) " or "- " at the begin of a line.
std::string_view without_number(std::string_view line) {
  std::size_t digits = 0;
  while (digits < line.size() && line[digits] >= '0' && line[digits] <= '9') ++digits;
  if (digits > 0 && digits + 1 < line.size() && (line[digits] == '.' || line[digits] == ')') &&
      line[digits + 1] == ' ') {
    return trimmed_text(line.substr(digits + 1));
  }
  return line.starts_with("- ") ? trimmed_text(line.substr(2)) : line;
}

using Take = std::function<void(std::string_view, std::string_view, std::size_t)>;

void read_entry(std::string_view headword, std::string_view definition, const Take& take) {
  std::size_t rank = 0;
  bool first = true;
  for (std::size_t begin = 0; begin < definition.size();) {
    const std::size_t end = std::min(definition.find('\n', begin), definition.size());
    const std::string_view raw = trimmed_text(definition.substr(begin, end - begin));
    begin = end + 1;
    if (std::exchange(first, false) || raw.empty()) continue;  // The headword again, with its pronunciation.
    // Examples, and what is said about the word ("Synonyms: ...", "see: ...", "Note: ...").
    if (raw.front() == '"' || raw.find(": ") != std::string_view::npos || raw.back() == ':') continue;
    const std::string plain = without_notes(without_number(raw));
    for (std::size_t from = 0; from <= plain.size();) {
      const std::size_t to = std::min(plain.find_first_of(",;", from), plain.size());
      const std::string_view translation = trimmed_text(std::string_view(plain).substr(from, to - from));
      if (!translation.empty() && translation.front() != '/') take(headword, translation, ++rank);
      from = to + 1;
    }
  }
}

}  // namespace

bool is_dictd_index(const std::string& path) { return path.ends_with(".index"); }
bool is_dictd_data(const std::string& path) { return path.ends_with(".dict.dz") || path.ends_with(".dict"); }

void read_dictd(const std::string& index_path, const Take& take) {
  const std::string definitions = read_definitions(index_path);
  LineReader lines(index_path);
  for (std::string_view line; lines.next(line);) {
    check_utf8(line, lines);
    const auto fields = fields_of(line);
    const auto offset = fields.size() < 3 ? std::nullopt : parse_base64(fields[1]);
    const auto size = fields.size() < 3 ? std::nullopt : parse_base64(fields[2]);
    if (!offset || !size) {
      throw InvalidData(
          fmt::format("{}: expected a headword, an offset and a size with tabs between them", lines.place()));
    }
    if (*offset > definitions.size() || *size > definitions.size() - *offset) {
      throw InvalidData(fmt::format("{}: points outside the dictionary's data", lines.place()));
    }
    const std::string_view headword = trimmed_text(fields[0]);
    // The dictionary says of itself who made it.
    if (headword.empty() || headword.starts_with("00database") || headword.starts_with("00-database")) continue;
    const std::string_view definition = std::string_view(definitions).substr(*offset, *size);
    if (const std::size_t at = find_invalid_utf8(definition); at != std::string_view::npos) {
      throw InvalidData(fmt::format("{}: byte {} of its definition is not UTF-8", lines.place(), at + 1));
    }
    read_entry(headword, definition, take);
  }
}

}  // namespace dragoman
