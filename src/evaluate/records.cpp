#include "evaluate/records.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {

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
