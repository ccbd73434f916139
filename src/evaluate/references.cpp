#include "dragoman/evaluate/references.h"

#include <fmt/format.h>

#include <optional>
#include <unordered_map>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

std::vector<std::string> parse_texts(const Json& value, std::string_view place) {
  if (value.is_object() && value.contains("text")) return parse_texts(value.at("text"), place);
  if (value.is_string()) return {value.get<std::string>()};
  std::vector<std::string> texts;
  if (value.is_array()) {
    for (const Json& text : value) {
      if (!text.is_string()) throw InvalidData(fmt::format("{}: a text is no string but {}", place, text.type_name()));
      texts.push_back(text.get<std::string>());
    }
  }
  if (texts.empty()) throw InvalidData(fmt::format("{}: there is no right text, expected a list of strings", place));
  return texts;
}

Language parse_language(const Json& object, const std::string& place) {
  auto tag = string_member(object, "lang", place);
  if (!tag) tag = string_member(object, "language", place);
  try {
    return tag ? Language::parse(*tag) : Language();
  } catch (const InvalidArgument& error) {
    throw InvalidData(fmt::format("{}: {}", place, error.what()));
  }
}

References parse_json_references(std::string_view record, const std::string& place) {
  const Json object = parse_json_object(record, place);
  auto id = string_member(object, "_id", place);
  if (!id) id = string_member(object, "id", place);
  if (!id) throw InvalidData(fmt::format("{}: \"_id\" is missing, expected \"_id\" or \"id\"", place));
  for (const char* name : {"answers", "references"}) {
    if (object.contains(name)) return {*id, parse_texts(object.at(name), place), parse_language(object, place)};
  }
  throw InvalidData(fmt::format("{}: \"answers\" is missing, expected \"answers\" or \"references\"", place));
}

References parse_tab_reference(std::string_view record, const std::string& place) {
  std::vector<std::string_view> fields;
  split_tabs(record, fields);
  if (fields.size() != 2) {
    throw InvalidData(fmt::format("{}: expected 2 fields (id, tab, text), got {}", place, fields.size()));
  }
  return {std::string(fields[0]), {std::string(fields[1])}, Language()};
}

}  // namespace

std::vector<References> read_references(const std::string& path) {
  RecordReader records(path);
  std::vector<References> all;
  std::unordered_map<std::string, std::size_t> index_of;
  std::optional<bool> is_json;
  std::string_view record;
  while (records.next(record)) {
    const std::string place = records.place();
    if (!is_json) is_json = record[record.find_first_not_of(" \t")] == '{';
    References references = *is_json ? parse_json_references(record, place) : parse_tab_reference(record, place);
    if (references.id.empty()) throw InvalidData(fmt::format("{}: the id is empty, expected a name", place));
    const auto [first, is_new] = index_of.emplace(references.id, all.size());
    if (is_new) {
      all.push_back(std::move(references));
    } else if (*is_json) {
      throw InvalidData(
          fmt::format("{}: id \"{}\" was used before, expected every id once", place, printable(references.id)));
    } else {
      all[first->second].texts.push_back(std::move(references.texts[0]));
    }
  }
  return all;
}

}  // namespace dragoman
