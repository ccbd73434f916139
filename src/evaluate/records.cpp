#include "evaluate/records.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {

bool is_white_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool RecordReader::next(std::string_view& record) {
  while (lines_.next(record)) {
    if (std::all_of(record.begin(), record.end(), is_white_space)) continue;
    if (const std::size_t at = find_invalid_utf8(record); at != std::string_view::npos) {
      throw InvalidData(
          fmt::format("{}: byte {} of the line is not valid UTF-8, expected a file in UTF-8", place(), at + 1));
    }
    return true;
  }
  return false;
}

void split_columns(std::string_view record, std::vector<std::string_view>& columns) {
  columns.clear();
  for (auto at = record.begin(); at != record.end();) {
    at = std::find_if_not(at, record.end(), is_white_space);
    const auto end = std::find_if(at, record.end(), is_white_space);
    if (at != end) columns.emplace_back(at, end);
    at = end;
  }
}

void split_tabs(std::string_view record, std::vector<std::string_view>& fields) {
  fields.clear();
  for (;;) {
    const std::size_t tab = record.find('\t');
    fields.push_back(record.substr(0, tab));
    if (tab == std::string_view::npos) return;
    record.remove_prefix(tab + 1);
  }
}

}  // namespace dragoman
