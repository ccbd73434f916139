#include "encode/model_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"

namespace dragoman {

std::uint64_t number_member(const Json& object, const char* name, std::string_view place) {
  const auto member = object.find(name);
  if (member == object.end()) return 0;
  if (!member->is_number_unsigned()) {
    throw InvalidData(fmt::format("{}: \"{}\" must be a number, 0 or more", place, name));
  }
  return member->get<std::uint64_t>();
}

std::vector<std::string> list_member(const Json& object, const char* name, std::string_view place) {
  std::vector<std::string> texts;
  const auto member = object.find(name);
  if (member == object.end()) return texts;
  if (!member->is_array() || !std::ranges::all_of(*member, [](const Json& text) { return text.is_string(); })) {
    throw InvalidData(fmt::format("{}: \"{}\" must be an array of strings", place, name));
  }
  return member->get<std::vector<std::string>>();
}

}  // namespace dragoman
