#include "dataset/json_input.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/dataset/convert.h"

namespace dragoman {
namespace {

std::string read_whole(const InputFile& file, InputProgress& progress) {
  InputLines lines(file, progress, "", kMaxJsonBytes);
  std::string text;
  for (std::string_view line; lines.next(line);) {
    text += line;
    text += '\n';
    if (text.size() > kMaxJsonBytes) {
      throw InvalidData(fmt::format("{}: the JSON is longer than {} MiB, which is the most that is read whole",
                                    lines.place(), kMaxJsonBytes >> 20));
    }
  }
  return text;
}

/// What Python prints for a list of strings.
std::vector<std::string> parse_printed_list(std::string_view text) {
  std::vector<std::string> items;
  for (std::size_t at = 1; at < text.size(); ++at) {
    const char quote = text[at];
    if (quote != '\'' && quote != '"') continue;
    std::string item;
    for (++at; at < text.size() && text[at] != quote; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      item += text[at];
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

void for_each_object(const InputFile& file, InputProgress& progress,
                     const std::function<void(const Json& object, const std::string& place)>& visit) {
  if (first_character(file) == '[') {
    // An object around the array, so that the same limits hold for it.
    const Json whole = parse_json_object("{\"items\":" + read_whole(file, progress) + "}", file.path);
    std::size_t number = 0;
    for (const Json& item : whole["items"]) {
      const std::string place = fmt::format("{}[{}]", file.path, number++);
      require_object(item, place);
      visit(item, place);
    }
    return;
  }
  InputLines lines(file, progress);
  for (std::string_view line; lines.next_record(line);) {
    const std::string place = lines.place();
    visit(parse_json_object(line, place), place);
  }
}

Json read_json_object(const InputFile& file, InputProgress& progress) {
  return parse_json_object(read_whole(file, progress), file.path);
}

const Json& array_member(const Json& object, const char* name, std::string_view place) {
  const auto member = object.find(name);
  if (member == object.end()) throw InvalidData(fmt::format("{}: \"{}\" is missing", place, name));
  if (!member->is_array()) {
    throw InvalidData(fmt::format("{}: \"{}\" must be an array, not {}", place, name, member->type_name()));
  }
  return *member;
}

std::size_t count_member(const Json& object, const char* name, std::string_view place) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_number_unsigned()) {
    throw InvalidData(fmt::format("{}: \"{}\" must be a whole number, at least 0", place, name));
  }
  return member->get<std::size_t>();
}

void require_object(const Json& value, std::string_view place) {
  if (!value.is_object()) {
    throw InvalidData(fmt::format("{}: expected a JSON object, got {}", place, value.type_name()));
  }
}

std::vector<std::string> text_list_member(const Json& object, const char* name, std::string_view place) {
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return {};
  if (member->is_array()) {
    std::vector<std::string> items;
    for (const Json& item : *member) {
      if (item.is_string()) items.push_back(item.get<std::string>());
    }
    return items;
  }
  const std::string text = required_string(object, name, place);
  if (text.starts_with('[') && text.ends_with(']')) return parse_printed_list(text);
  return {text};
}

}  // namespace dragoman
