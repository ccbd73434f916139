#include "evaluate/mteb.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/evaluate/system_result.h"

namespace dragoman {
namespace {

struct MtebName {
  std::string_view mteb, ours;
};
constexpr MtebName kNames[] = {{"ndcg", "nDCG"}, {"map", "AP"},      {"mrr", "RR"},
                               {"recall", "R"},  {"precision", "P"}, {"hit_rate", "Success"}};

// Readers take a file without a version, or with one before 1.11, for another format, and look up tasks before this.
constexpr const char* kFormatVersion = "1.12.48";
constexpr const char* kNoRevision = "no_revision_available";

std::string language_and_script(const Language& language) {
  return fmt::format("{}-{}", language.iso_639_3(), language.script());
}

std::vector<std::string> languages_of(const std::vector<Language>& languages) {
  std::vector<std::string> result;
  for (const Language& language : languages) {
    std::string tag = language_and_script(language);
    if (std::ranges::find(result, tag) == result.end()) result.push_back(std::move(tag));
  }
  return result;
}

OrderedJson retrieval_subset(const std::string& subset, const std::vector<Language>& languages,
                             const MeasureValues& values, const std::string& main_measure) {
  OrderedJson json = {{"hf_subset", subset}, {"languages", languages_of(languages)}, {"main_score", nullptr}};
  if (const auto main = values.find(main_measure); main != values.end()) json["main_score"] = main->second;
  for (const auto& [measure, value] : values) json[mteb_of_measure(measure)] = value;
  return json;
}

OrderedJson retrieval_scores(const SystemResult& result) {
  OrderedJson subsets = OrderedJson::array();
  for (const auto& [language, values] : result.by_query_language) {
    std::vector<Language> languages = {language};
    languages.insert(languages.end(), result.document_languages.begin(), result.document_languages.end());
    subsets.push_back(retrieval_subset(language.tag(), languages, values, result.main_measure));
  }
  if (subsets.empty()) {
    subsets.push_back(retrieval_subset("default", result.document_languages, result.values, result.main_measure));
  }
  return subsets;
}

OrderedJson bitext_scores(const SystemResult& result) {
  if (!result.bitext) {
    throw InvalidArgument(
        fmt::format("the results of {} on {} have not the first hit of every query, which scores of "
                    "a bitext task are counted from",
                    result.system, result.collection));
  }
  std::vector<Language> languages;
  for (const auto& [language, values] : result.by_query_language) languages.push_back(language);
  languages.insert(languages.end(), result.document_languages.begin(), result.document_languages.end());
  const auto& [accuracy, precision, recall, f1] = *result.bitext;
  return {{{"hf_subset", "default"},
           {"languages", languages_of(languages)},
           {"main_score", f1},
           {"accuracy", accuracy},
           {"f1", f1},
           {"precision", precision},
           {"recall", recall}}};
}

/// What MTEB calls a folder, and any system can read.
std::string file_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == '/') result += '_';  // MTEB's "__" between owner and name
    result += c == '/' || c == ' ' || c == '\\' || c == ':' ? '_' : c;
  }
  return result;
}

}  // namespace

std::string measure_of_mteb(std::string_view name) {
  for (const auto& [mteb, ours] : kNames) {
    if (!name.starts_with(mteb) || !name.substr(mteb.size()).starts_with("_at_")) continue;
    return fmt::format("{}@{}", ours, name.substr(mteb.size() + 4));
  }
  return std::string(name);
}

std::string mteb_of_measure(std::string_view name) {
  for (const auto& [mteb, ours] : kNames) {
    if (!name.starts_with(ours) || !name.substr(ours.size()).starts_with("@")) continue;
    return fmt::format("{}_at_{}", mteb, name.substr(ours.size() + 1));
  }
  return std::string(name);
}

std::vector<std::filesystem::path> write_mteb_results(std::span<const SystemResult> results, MtebTask task,
                                                      const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const SystemResult& result : results) {
    const auto of_system = folder / file_name(result.system) / kNoRevision;
    paths.push_back(of_system / (file_name(result.collection) + ".json"));
    if (std::ranges::count(paths, paths.back()) > 1) {
      throw InvalidArgument(
          fmt::format("{} has two results on {}; leave one of the files out", result.system, result.collection));
    }
    const OrderedJson scores = task == MtebTask::retrieval ? retrieval_scores(result) : bitext_scores(result);
    make_folder(of_system);
    write_json(of_system / "model_meta.json", {{"name", result.system}, {"revision", kNoRevision}},
               JsonLayout::indented);
    write_json(paths.back(),
               {{"dataset_revision", kNoRevision},
                {"task_name", result.collection},
                {"mteb_version", kFormatVersion},
                {"scores", {{"test", scores}}},
                {"evaluation_time", result.seconds ? OrderedJson(*result.seconds) : OrderedJson(nullptr)},
                {"kg_co2_emissions", nullptr}},
               JsonLayout::indented);
  }
  return paths;
}

}  // namespace dragoman
