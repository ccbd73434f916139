#include "collection/document_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxIdBytes = 512;

constexpr std::array kIdNames = {"_id", "id", "docid"};
constexpr std::array kTextNames = {"text", "contents"};
constexpr std::array kTitleNames = {"title"};
constexpr std::array kLanguageNames = {"lang", "language"};

/// The first of several spellings that is there.
template <std::size_t N>
std::optional<std::string> member(const Json& object, const std::array<const char*, N>& names, std::string_view place) {
  for (const char* name : names) {
    if (auto value = string_member(object, name, place)) return value;
  }
  return std::nullopt;
}

void check_id(std::string_view id, std::string_view place) {
  if (id.empty()) throw InvalidData(fmt::format("{}: the document id is empty", place));
  if (id.size() > kMaxIdBytes) {
    throw InvalidData(
        fmt::format("{}: the document id has {} bytes; at most {} are taken", place, id.size(), kMaxIdBytes));
  }
  if (std::ranges::any_of(id, [](unsigned char c) { return c <= 0x20 || c == 0x7F; })) {
    throw InvalidData(
        fmt::format("{}: the document id '{}' holds white space or control characters, which result "
                    "files cannot carry",
                    place, printable(id)));
  }
}

}  // namespace

DocumentMembers document_members(const Json& object, std::string_view place) {
  DocumentMembers members;
  members.id = member(object, kIdNames, place);
  if (members.id) check_id(*members.id, place);
  members.text = member(object, kTextNames, place);
  members.title = member(object, kTitleNames, place).value_or("");
  members.language = member(object, kLanguageNames, place).value_or("");
  return members;
}

bool is_document_member(std::string_view name) {
  const auto is_in = [&](const auto& names) { return std::ranges::find(names, name) != names.end(); };
  return is_in(kIdNames) || is_in(kTextNames) || is_in(kTitleNames) || is_in(kLanguageNames);
}

}  // namespace dragoman
