#include "dragoman/evaluate/topics.h"

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <unordered_map>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

/// The first of these members that is there.
std::optional<std::string> first_of(const Json& object, std::initializer_list<const char*> names,
                                    std::string_view place) {
  for (const char* name : names) {
    if (auto value = string_member(object, name, place)) return value;
  }
  return std::nullopt;
}

Language parse_language(const std::string& tag, std::string_view place) {
  try {
    return Language::parse(tag);
  } catch (const InvalidArgument& error) {
    throw InvalidData(fmt::format("{}: {}", place, error.what()));
  }
}

Query parse_json_query(std::string_view record, const std::string& place) {
  const Json object = parse_json_object(record, place);
  auto id = first_of(object, {"_id", "id"}, place);
  if (!id) throw InvalidData(fmt::format("{}: \"_id\" is missing, expected \"_id\" or \"id\"", place));
  auto text = first_of(object, {"text", "query", "contents"}, place);
  if (!text) {
    throw InvalidData(fmt::format("{}: \"text\" is missing, expected \"text\", \"query\" or \"contents\"", place));
  }
  const auto language = first_of(object, {"lang", "language"}, place);
  return {*std::move(id), *std::move(text), language ? parse_language(*language, place) : Language()};
}

Query parse_tab_query(std::string_view record, std::string_view place) {
  std::vector<std::string_view> fields;
  split_tabs(record, fields);
  if (fields.size() != 2) {
    throw InvalidData(fmt::format("{}: expected 2 fields (id, tab, text), got {}", place, fields.size()));
  }
  return {std::string(fields[0]), std::string(fields[1]), Language()};
}

}  // namespace

std::vector<Query> read_queries(const std::string& path) {
  RecordReader records(path);
  std::vector<Query> queries;
  std::unordered_map<std::string, std::uint64_t> line_of;
  std::optional<bool> is_json;
  std::string_view record;
  while (records.next(record)) {
    const std::string place = records.place();
    if (!is_json) is_json = record[record.find_first_not_of(" \t")] == '{';
    Query query = *is_json ? parse_json_query(record, place) : parse_tab_query(record, place);
    if (query.id.empty()) throw InvalidData(fmt::format("{}: the query id is empty, expected a name", place));
    if (const auto [first, is_new] = line_of.emplace(query.id, records.line_number()); !is_new) {
      throw InvalidData(fmt::format("{}: query id \"{}\" was used on line {}, expected every id once", place,
                                    printable(query.id), first->second));
    }
    queries.push_back(std::move(query));
  }
  return queries;
}

}  // namespace dragoman
