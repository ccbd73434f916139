#include "dragoman/evaluate/system_result.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/evaluate/measures.h"
#include "evaluate/mteb.h"

namespace dragoman {
namespace {

constexpr const char* kGridFormat = "dragoman-results-1";
// Members of a subset that are no measures.
constexpr std::string_view kNoMeasures[] = {"hf_subset", "languages", "main_score"};

/// A member of a certain kind, or an empty one where it may be absent.
const Json& object_in(const Json& parent, const char* name, std::string_view place) {
  static const Json kNone = Json::object();
  const auto found = parent.find(name);
  if (found == parent.end() || found->is_null()) return kNone;
  if (!found->is_object()) {
    throw InvalidData(fmt::format("{}: \"{}\" must be an object, not {}", place, name, found->type_name()));
  }
  return *found;
}

const Json& array_in(const Json& parent, const char* name, std::string_view place) {
  static const Json kNone = Json::array();
  const auto found = parent.find(name);
  if (found == parent.end() || found->is_null()) return kNone;
  if (!found->is_array()) {
    throw InvalidData(fmt::format("{}: \"{}\" must be an array, not {}", place, name, found->type_name()));
  }
  return *found;
}

const Json& as_object(const Json& value, std::string_view what, std::string_view place) {
  if (!value.is_object()) {
    throw InvalidData(fmt::format("{}: {} must be an object, not {}", place, what, value.type_name()));
  }
  return value;
}

/// One name for a measure, however it was typed.
std::string canonical(const std::string& measure) {
  try {
    return parse_measure(measure).name;
  } catch (const InvalidArgument&) {
    return measure;
  }
}

Language parse_language(const std::string& tag, std::string_view place) {
  try {
    return Language::parse(tag);
  } catch (const InvalidArgument& error) {
    throw InvalidData(fmt::format("{}: {}", place, error.what()));
  }
}

MeasureValues values_of_row(const Json& row, std::string_view place) {
  MeasureValues values;
  for (const auto& [measure, value] : object_in(as_object(row, "a row", place), "values", place).items()) {
    if (value.is_number()) values[canonical(measure)] = value.get<double>();
  }
  return values;
}

/// "hybrid + pointwise", of the names of the stages where something is done.
std::string way_through(const Json& cell, std::string_view place) {
  std::string way;
  for (const char* stage : {"retrieve", "translate", "rerank"}) {
    const std::string name = string_member(cell, stage, place).value_or("none");
    if (name == "none") continue;
    if (!way.empty()) way += " + ";
    way += name;
  }
  return way.empty() ? "none" : way;
}

/// From the first hit of every query; nothing where a query's hits are missing.
std::optional<BitextScores> bitext_scores(const Json& per_query, std::string_view place) {
  if (per_query.empty()) return std::nullopt;
  std::map<std::string, std::size_t> predicted;
  std::vector<std::string> right;
  for (const auto& [query_id, query] : per_query.items()) {
    if (!as_object(query, "a query", place).contains("hits")) return std::nullopt;
    const Json& hits = array_in(query, "hits", place);
    if (hits.empty()) continue;
    const Json& hit = hits.front();
    if (!hit.is_array() || hit.size() < 3 || !hit[0].is_string()) {
      throw InvalidData(fmt::format("{}: a hit of query \"{}\" is not [id, score, grade]", place, printable(query_id)));
    }
    const auto document = hit[0].get<std::string>();
    ++predicted[document];
    if (hit[2].is_number() && hit[2].get<double>() > 0) right.push_back(document);
  }
  // The class of a question is its translation. A right prediction has recall 1, and as precision its part of all
  // questions for which the same text was predicted; a class without one has neither.
  BitextScores scores;
  for (const std::string& document : right) {
    const auto times = static_cast<double>(predicted[document]);
    scores.precision += 1 / times;
    scores.f1 += 2 / (times + 1);
  }
  const auto queries = static_cast<double>(per_query.size());
  scores.accuracy = scores.recall = static_cast<double>(right.size()) / queries;
  scores.precision /= queries;
  scores.f1 /= queries;
  return scores;
}

void read_grid(const Json& grid, const std::string& place, std::vector<SystemResult>& results) {
  std::map<std::string, std::vector<Language>> document_languages;
  for (const Json& collection : array_in(grid, "collections", place)) {
    auto& languages = document_languages[required_string(as_object(collection, "a collection", place), "name", place)];
    for (const auto& [tag, count] : object_in(collection, "document_languages", place).items()) {
      languages.push_back(parse_language(tag, place));
    }
    std::ranges::sort(languages);
  }
  const Json& measures = array_in(grid, "measures", place);
  if (measures.empty() || !measures.front().is_string()) {
    throw InvalidData(fmt::format("{}: \"measures\" must be an array of names", place));
  }
  for (const Json& cell : array_in(grid, "cells", place)) {
    SystemResult result;
    result.system = way_through(as_object(cell, "a cell", place), place);
    result.collection = required_string(cell, "collection", place);
    result.main_measure = canonical(measures.front().get<std::string>());
    result.document_languages = document_languages[result.collection];
    const Json& effectiveness = object_in(cell, "effectiveness", place);
    result.values = values_of_row(object_in(effectiveness, "all", place), place);
    for (const auto& [tag, row] : object_in(effectiveness, "by_query_language", place).items()) {
      result.by_query_language[parse_language(tag, place)] = values_of_row(row, place);
    }
    result.bitext = bitext_scores(object_in(cell, "per_query", place), place);
    const Json& total = object_in(object_in(cell, "cost", place), "total", place);
    if (const auto seconds = total.find("wall_s"); seconds != total.end() && seconds->is_number()) {
      result.seconds = seconds->get<double>();
    }
    results.push_back(std::move(result));
  }
}

bool is_revision(const std::string& name) {
  return name == "no_revision_available" || name == "external" ||
         (name.size() == 40 && name.find_first_not_of("0123456789abcdef") == std::string::npos);
}

/// The model that an MTEB file is about.
std::string model_of(const std::filesystem::path& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  if (std::filesystem::exists(folder / "model_meta.json")) {
    const std::string place = (folder / "model_meta.json").string();
    if (auto name = string_member(parse_json_object(read_file(place), place), "name", place)) return *std::move(name);
  }
  std::string name = (is_revision(folder.filename().string()) ? folder.parent_path() : folder).filename().string();
  if (const std::size_t at = name.find("__"); at != std::string::npos) {  // between owner and name
    name.erase(at, 1);
    name[at] = '/';
  }
  return name;
}

/// The measure that the main score is the value of; the file does not say.
std::string main_measure_of(const Json& subset) {
  const auto main = subset.find("main_score");
  if (main == subset.end() || !main->is_number()) return {};
  for (const char* usual : {"ndcg_at_10", "f1"}) {
    if (const auto value = subset.find(usual); value != subset.end() && *value == *main) return usual;
  }
  for (const auto& [name, value] : subset.items()) {
    if (name != "main_score" && !name.starts_with("nauc_") && value == *main) return name;
  }
  return "main_score";
}

void read_mteb(const Json& task, const std::filesystem::path& path, std::vector<SystemResult>& results) {
  const std::string place = path.string();
  const Json& splits = object_in(task, "scores", place);
  if (splits.empty()) throw InvalidData(fmt::format("{}: \"scores\" has no split", place));
  const std::string split = splits.contains("test") ? "test" : splits.begin().key();
  const Json& subsets = array_in(splits, split.c_str(), place);
  if (subsets.empty()) throw InvalidData(fmt::format("{}: the split \"{}\" has no scores", place, printable(split)));

  SystemResult result;
  result.system = model_of(path);
  result.collection = string_member(task, "task_name", place).value_or(path.stem().string());
  const std::string main = main_measure_of(as_object(subsets.front(), "scores", place));
  result.main_measure = measure_of_mteb(main);
  std::map<std::string, std::pair<double, std::size_t>> sums;
  for (const Json& subset : subsets) {
    for (const auto& [name, value] : as_object(subset, "scores", place).items()) {
      const bool is_measure = value.is_number() && !name.starts_with("nauc_") &&
                              (name == main || std::ranges::find(kNoMeasures, name) == std::end(kNoMeasures));
      if (!is_measure) continue;
      auto& [sum, count] = sums[measure_of_mteb(name)];
      sum += value.get<double>();
      ++count;
    }
  }
  for (const auto& [measure, sum] : sums) result.values[measure] = sum.first / static_cast<double>(sum.second);
  if (const auto seconds = task.find("evaluation_time"); seconds != task.end() && seconds->is_number()) {
    result.seconds = seconds->get<double>();
  }
  results.push_back(std::move(result));
}

/// Whether it was of a kind that holds results.
bool read_file_of_results(const std::filesystem::path& path, std::vector<SystemResult>& results) {
  const Json file = parse_json_object(read_file(path), path.string());
  if (const auto format = file.find("format"); format != file.end() && *format == kGridFormat) {
    read_grid(file, path.string(), results);
    return true;
  }
  if (file.contains("scores") && (file.contains("task_name") || file.contains("mteb_version"))) {
    read_mteb(file, path, results);
    return true;
  }
  return false;
}

std::vector<std::filesystem::path> json_files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::vector<SystemResult> read_system_results(std::span<const std::filesystem::path> paths) {
  std::vector<SystemResult> results;
  for (const auto& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      if (!read_file_of_results(path, results)) {
        throw InvalidData(
            fmt::format("{}: neither the results of a grid (\"format\": \"{}\") nor of an MTEB task "
                        "(\"task_name\", \"scores\")",
                        path.string(), kGridFormat));
      }
      continue;
    }
    bool found = false;
    for (const auto& file : json_files_below(path)) found = read_file_of_results(file, results) || found;
    if (!found) {
      throw NotFound(fmt::format("{}: no results in this folder, expected results.json or MTEB's", path.string()));
    }
  }
  return results;
}

}  // namespace dragoman
