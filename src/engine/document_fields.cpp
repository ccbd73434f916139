#include "engine/document_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::size_t kMostFields = 64;

bool can_be_written(std::string_view name) {
  return !name.empty() && std::ranges::none_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F || c == ',' || c == ':';
  });
}

}  // namespace

std::vector<std::string> fields_of(const Collection& collection) {
  std::vector<std::string> fields;
  const std::string list = collection.setting("fields");
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    fields.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

void set_fields(Collection& collection, std::span<const std::string> fields) {
  collection.set_setting("fields", fmt::format("{}", fmt::join(fields, ",")));
}

void check_fields(std::span<const std::string> fields) {
  if (fields.size() > kMostFields) {
    throw InvalidArgument(fmt::format("{} fields are given; an index has at most {}", fields.size(), kMostFields));
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!can_be_written(fields[i])) {
      throw InvalidArgument(
          fmt::format("'{}' cannot be a field: its name must have no space, comma or colon", printable(fields[i])));
    }
    if (std::ranges::find(fields.first(i), fields[i]) != fields.first(i).end()) {
      throw InvalidArgument(fmt::format("field '{}' is given twice", printable(fields[i])));
    }
  }
}

std::string field_text(const Document& document, std::string_view field) {
  if (field == "title") return document.title;
  if (field == "text") return document.text;
  const auto metadata = nlohmann::json::parse(document.metadata, nullptr, false);
  if (!metadata.is_object()) return {};
  const auto found = metadata.find(field);
  return found != metadata.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> lexical_kinds(std::span<const std::string> fields) {
  if (fields.empty()) return {"lexical"};
  std::vector<std::string> kinds;
  for (std::size_t i = 0; i < fields.size(); ++i) kinds.push_back(fmt::format("field-{}", i));
  return kinds;
}

std::size_t leading_field(std::span<const std::string> fields) {
  const auto text = std::ranges::find(fields, "text");
  return text == fields.end() ? 0 : static_cast<std::size_t>(text - fields.begin());
}

std::string field_stamp(std::string_view stamp, std::string_view field) {
  return fmt::format("{} field={}", stamp, field);
}

void drop_lexical_segments(Collection& collection) {
  // Of whichever fields: a call that was killed may have left those of others.
  std::vector<std::string> kinds = {"lexical"};
  for (std::size_t i = 0; i < kMostFields; ++i) kinds.push_back(fmt::format("field-{}", i));
  for (const std::string& kind : kinds) {
    if (!collection.segments(kind).empty()) collection.drop_segments(kind);
  }
}

bool has_lexical_segments(const Collection& collection) {
  return std::ranges::any_of(lexical_kinds(fields_of(collection)),
                             [&](const std::string& kind) { return !collection.segments(kind).empty(); });
}

}  // namespace dragoman
