#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/evaluate/evaluation.h"
#include "evaluate/judged_query.h"
#include "evaluate/languages.h"
#include "evaluate/records.h"

namespace dragoman {
namespace {

constexpr const char* kUnknownScript = "Zzzz";  // ISO 15924's own code for it
constexpr const char* kUnknownClass = "unknown";

/// Scripts of languages; each is looked up once, because asking takes longer than evaluating a document.
class Scripts {
 public:
  const std::string& operator()(const Language& language) {
    const auto [known, is_new] = known_.try_emplace(language);
    if (is_new) known->second = language.script().empty() ? kUnknownScript : language.script();
    return known->second;
  }

 private:
  std::map<Language, std::string> known_;
};

std::string class_of(const Language& language, const ResourceClasses& classes) {
  auto found = classes.find(language);
  if (found == classes.end()) found = classes.find(Language::parse(language.primary()));
  return found == classes.end() ? kUnknownClass : found->second;
}

/// What the documents of each kind alone look like to a measure. Only kinds with a judgement are kept.
template <typename KindOf>
auto split_by(const JudgedQuery& query, const std::vector<int>& grades, const LanguageOf& languages, KindOf&& kind_of) {
  std::map<std::decay_t<decltype(kind_of(Language()))>, GradedRanking> parts;
  for (const auto& [document_id, grade] : query.judgements) {
    parts[kind_of(language_of(document_id, languages))].judged.push_back(grade);
  }
  for (std::size_t i = 0; i < grades.size(); ++i) {
    const auto part = parts.find(kind_of(language_of(query.ranking[i].id, languages)));
    if (part != parts.end()) part->second.retrieved.push_back(grades[i]);
  }
  return parts;
}

using LanguagePair = std::pair<Language, Language>;

/// Mean of the pairs' values, over the pairs that `counts` accepts.
template <typename Counts>
EvaluationRow mean_over_pairs(std::string label, const std::map<LanguagePair, Sum>& pairs,
                              std::span<const Measure> measures, Counts counts) {
  Sum means;
  std::size_t queries = 0;
  for (const auto& [pair, sum] : pairs) {
    const auto& [query_language, document_language] = pair;
    if (query_language.undetermined() || document_language.undetermined()) continue;
    if (!counts(query_language.primary(), document_language.primary())) continue;
    means.add(aggregate({}, sum, measures).values);
    queries += sum.queries;
  }
  means.values.resize(measures.size());
  for (double& value : means.values) value /= static_cast<double>(means.queries);  // a NaN where there is no such pair
  return {std::move(label), queries, means.values};
}

std::string label_of(const std::string& kind) { return kind; }
std::string label_of(const Language& language) { return language.tag(); }
std::string label_of(const LanguagePair& pair) { return fmt::format("{}>{}", pair.first.tag(), pair.second.tag()); }

template <typename Kind>
std::vector<EvaluationRow> rows_of(const std::map<Kind, Sum>& sums, std::span<const Measure> measures) {
  std::vector<EvaluationRow> rows;
  for (const auto& [kind, sum] : sums) rows.push_back(aggregate(label_of(kind), sum, measures));
  return rows;
}

}  // namespace

const Language& language_of(const std::string& id, const LanguageOf& languages) {
  static const Language kUndetermined;
  const auto found = languages.find(id);
  return found == languages.end() ? kUndetermined : found->second;
}

LanguageEvaluation evaluate_by_language(const Judgements& judgements, const Run& run, std::span<const Measure> measures,
                                        const LanguageOf& query_languages, const LanguageOf& document_languages,
                                        const EvaluateOptions& options, const ResourceClasses& resource_classes) {
  Sum all;
  std::map<Language, Sum> by_query_language, by_document_language;
  std::map<LanguagePair, Sum> by_pair;
  std::map<std::string, Sum> by_query_script, by_document_script, by_resource_class;
  Scripts script_of;
  for (const JudgedQuery& query : queries_that_count(judgements, run, options)) {
    const Language& query_language = language_of(query.id, query_languages);
    const std::vector<int> grades = grades_in_order(query);
    const std::vector<double> values = compute(measures, query, grades);
    all.add(values);
    by_query_language[query_language].add(values);
    by_query_script[script_of(query_language)].add(values);
    if (!resource_classes.empty()) by_resource_class[class_of(query_language, resource_classes)].add(values);
    for (auto& [language, part] : split_by(query, grades, document_languages, std::identity())) {
      const std::vector<double> part_values = compute(measures, part);
      by_document_language[language].add(part_values);
      by_pair[{query_language, language}].add(part_values);
    }
    for (auto& [script, part] : split_by(query, grades, document_languages, script_of)) {
      by_document_script[script].add(compute(measures, part));
    }
  }

  LanguageEvaluation result;
  result.measures = names(measures);
  result.all = aggregate("all", all, measures);
  result.by_query_language = rows_of(by_query_language, measures);
  result.by_document_language = rows_of(by_document_language, measures);
  result.by_pair = rows_of(by_pair, measures);
  result.same = mean_over_pairs("same", by_pair, measures, std::equal_to<>());
  result.cross = mean_over_pairs("cross", by_pair, measures, std::not_equal_to<>());
  result.by_query_script = rows_of(by_query_script, measures);
  result.by_document_script = rows_of(by_document_script, measures);
  result.by_resource_class = rows_of(by_resource_class, measures);
  return result;
}

std::string_view to_string(Grouping grouping) {
  switch (grouping) {
    case Grouping::query_language:
      return "query_language";
    case Grouping::document_language:
      return "document_language";
    case Grouping::pair:
      return "pair";
    case Grouping::query_script:
      return "query_script";
    case Grouping::document_script:
      return "document_script";
    case Grouping::resource_class:
      break;
  }
  return "resource_class";
}

std::vector<EvaluationGroup> evaluate_groups(const Judgements& judgements, const Run& run,
                                             std::span<const Measure> measures, Grouping grouping,
                                             const LanguageOf& query_languages, const LanguageOf& document_languages,
                                             const EvaluateOptions& options, const ResourceClasses& resource_classes) {
  // Keyed by the parts of a pair, so that the groups come in the order of the rows.
  std::map<std::pair<std::string, std::string>, EvaluationGroup> groups;
  Scripts script_of;
  for (const JudgedQuery& query : queries_that_count(judgements, run, options)) {
    const Language& language = language_of(query.id, query_languages);
    const std::vector<int> grades = grades_in_order(query);
    const auto add = [&](const std::string& label, std::vector<double> values) {
      groups[{label, ""}].queries.push_back({query.id, std::move(values)});
    };
    switch (grouping) {
      case Grouping::query_language:
        add(language.tag(), compute(measures, query, grades));
        break;
      case Grouping::query_script:
        add(script_of(language), compute(measures, query, grades));
        break;
      case Grouping::resource_class:
        if (!resource_classes.empty()) add(class_of(language, resource_classes), compute(measures, query, grades));
        break;
      case Grouping::document_language:
      case Grouping::pair:
        for (auto& [other, part] : split_by(query, grades, document_languages, std::identity())) {
          const auto key = grouping == Grouping::pair ? std::pair(language.tag(), other.tag())
                                                      : std::pair(other.tag(), std::string());
          groups[key].queries.push_back({query.id, compute(measures, part)});
        }
        break;
      case Grouping::document_script:
        for (auto& [script, part] : split_by(query, grades, document_languages, script_of)) {
          add(script, compute(measures, part));
        }
        break;
    }
  }
  std::vector<EvaluationGroup> result;
  for (auto& [key, group] : groups) {
    group.label = key.second.empty() ? key.first : fmt::format("{}>{}", key.first, key.second);
    result.push_back(std::move(group));
  }
  return result;
}

ResourceClasses read_resource_classes(const std::string& path) {
  RecordReader records(path);
  ResourceClasses classes;
  std::vector<std::string_view> fields;
  std::string_view record;
  while (records.next(record)) {
    split_tabs(record, fields);
    if (fields.size() != 2) {
      throw InvalidData(
          fmt::format("{}: expected 2 fields (language, tab, class), got {}", records.place(), fields.size()));
    }
    if (fields[1].empty()) throw InvalidData(fmt::format("{}: the class is empty, expected a name", records.place()));
    Language language;
    try {
      language = Language::parse(fields[0]);
    } catch (const InvalidArgument& error) {
      throw InvalidData(fmt::format("{}: {}", records.place(), error.what()));
    }
    const auto [known, is_new] = classes.emplace(language, fields[1]);
    if (!is_new && known->second != fields[1]) {
      throw InvalidData(fmt::format("{}: {} is in class \"{}\", but was in \"{}\" before", records.place(),
                                    language.tag(), printable(fields[1]), printable(known->second)));
    }
  }
  return classes;
}

}  // namespace dragoman
