#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {

/// Without spaces and tabs at its ends.
inline std::string_view trimmed_text(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

/// What tabs part.
inline std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0;;) {
    const std::size_t tab = line.find('\t', begin);
    fields.push_back(line.substr(begin, tab == std::string_view::npos ? tab : tab - begin));
    if (tab == std::string_view::npos) return fields;
    begin = tab + 1;
  }
}

/// @throws InvalidData if there are fewer columns.
inline std::string_view field(const std::vector<std::string_view>& fields, std::size_t column,
                              const LineReader& lines) {
  if (column > fields.size()) {
    throw InvalidData(fmt::format("{}: expected at least {} columns with tabs between them, got {}", lines.place(),
                                  column, fields.size()));
  }
  return fields[column - 1];
}

inline void check_utf8(std::string_view text, const LineReader& lines) {
  if (const std::size_t at = find_invalid_utf8(text); at != std::string_view::npos) {
    throw InvalidData(fmt::format("{}: byte {} is not UTF-8", lines.place(), at + 1));
  }
}

}  // namespace dragoman
