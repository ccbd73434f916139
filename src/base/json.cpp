#include "base/json.h"

#include <fmt/format.h>

#include <cmath>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

// Deeper nesting serves nobody and could exhaust the stack of whoever walks the value.
constexpr int kMaxDepth = 64;

/// nlohmann's message without its own head "[json.exception...] parse error at line 1, "; the place says which line.
std::string reason(const nlohmann::json::exception& error) {
  std::string_view text = error.what();
  for (const std::string_view head : {"] ", "parse error at line 1, ", "parse error: "}) {
    if (const auto found = text.find(head); found != std::string_view::npos) text.remove_prefix(found + head.size());
  }
  return printable(text, 200);
}

}  // namespace

Json parse_json_object(std::string_view text, std::string_view place) {
  Json value;
  try {
    value = Json::parse(text, [&](int depth, Json::parse_event_t, Json&) {
      if (depth > kMaxDepth) {
        throw InvalidData(fmt::format("{}: JSON nested more than {} levels deep", place, kMaxDepth));
      }
      return true;
    });
  } catch (const nlohmann::json::exception& error) {
    throw InvalidData(fmt::format("{}: not valid JSON: {}", place, reason(error)));
  }
  if (!value.is_object()) {
    throw InvalidData(fmt::format("{}: expected a JSON object, got {}", place, value.type_name()));
  }
  return value;
}

std::optional<std::string> string_member(const Json& object, const char* name, std::string_view place) {
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return std::nullopt;
  if (member->is_number()) return member->dump();
  if (!member->is_string()) {
    throw InvalidData(fmt::format("{}: \"{}\" must be a string, not {}", place, name, member->type_name()));
  }
  return member->get<std::string>();
}

std::string required_string(const Json& object, const char* name, std::string_view place) {
  auto value = string_member(object, name, place);
  if (!value) throw InvalidData(fmt::format("{}: \"{}\" is missing", place, name));
  return *std::move(value);
}

std::string to_line(const OrderedJson& value) {
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string to_line(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

OrderedJson number_or_null(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }

void write_json(const std::filesystem::path& path, const OrderedJson& value, JsonLayout layout) {
  AtomicFile file(path);
  file.write(value.dump(layout == JsonLayout::indented ? 2 : -1, ' ', false, OrderedJson::error_handler_t::replace));
  file.write("\n");
  file.commit();
}

}  // namespace dragoman
