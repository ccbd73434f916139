#include "encode/model_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"

namespace dragoman {

OrderedJson model_members(const Model& model) {
  OrderedJson json;
  json["name"] = model.name;
  json["kind"] = to_string(model.kind);
  json["sha256"] = model.sha256;
  json["bytes"] = model.bytes;
  json["licence"] = model.licence;
  json["languages"] = model.languages;
  json["source"] = model.source;
  json["query_prompt"] = model.query_prompt;
  json["passage_prompt"] = model.passage_prompt;
  json["max_tokens"] = model.max_tokens;
  if (model.pooling) json["pooling"] = to_string(*model.pooling);
  if (model.precision) json["precision"] = to_string(*model.precision);
  if (!model.endpoint.empty()) {
    json["endpoint"] = model.endpoint;
    json["endpoint_model"] = model.endpoint_model;
    json["dimension"] = model.dimension;
  }
  return json;
}

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
