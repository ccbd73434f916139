#include "engine/option_table.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace dragoman::option_table {

std::size_t parse_count(std::string_view name, std::string_view value, std::size_t least) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (error != std::errc() || end != value.data() + value.size() || count < least) {
    throw InvalidArgument(fmt::format("{} is '{}', must be a whole number from {} up", name, printable(value), least));
  }
  return count;
}

float parse_number(std::string_view name, std::string_view value, float least, float most) {
  float number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || !(number >= least && number <= most)) {
    throw InvalidArgument(
        fmt::format("{} is '{}', must be a number {}", name, printable(value),
                    std::isinf(most) ? fmt::format("from {} up", least) : fmt::format("from {} to {}", least, most)));
  }
  return number;
}

std::vector<std::string_view> parts(std::string_view list) {
  std::vector<std::string_view> found;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view part = list.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) found.push_back(part);
    list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
  }
  return found;
}

}  // namespace dragoman::option_table
