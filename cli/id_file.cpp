#include "id_file.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman::cli {

std::vector<std::string> read_ids(const std::string& path) {
  constexpr std::string_view kSpace = " \t\r";
  LineReader lines(path);
  std::vector<std::string> ids;
  for (std::string_view line; lines.next(line);) {
    const std::size_t begin = line.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) continue;
    line = line.substr(begin, line.find_last_not_of(kSpace) - begin + 1);
    if (line.find_first_of(kSpace) != std::string_view::npos) {
      throw InvalidData(fmt::format("{}: expected one document id, got '{}'", lines.place(), printable(line)));
    }
    ids.emplace_back(line);
  }
  return ids;
}

}  // namespace dragoman::cli
