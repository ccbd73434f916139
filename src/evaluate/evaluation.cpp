#include "dragoman/evaluate/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/id_table.h"
#include "evaluate/languages.h"

namespace dragoman {
namespace {

struct JudgedQuery {
  const std::string& id;
  const QueryJudgements& judgements;
  const Ranking& ranking;
};

/// The queries that count, ascending by id.
std::vector<JudgedQuery> queries_that_count(const Judgements& judgements, const Run& run, QuerySet set) {
  static const Ranking kNothing;
  if (judgements.empty()) throw InvalidArgument("evaluate: there are no judgements");
  std::vector<JudgedQuery> queries;
  std::size_t shared = 0;
  for (const auto& [id, of_query] : judgements) {
    const auto found = run.find(id);
    if (found != run.end())
      ++shared;
    else if (set == QuerySet::judged_and_retrieved)
      continue;
    queries.push_back({id, of_query, found == run.end() ? kNothing : found->second});
  }
  if (shared == 0 && !run.empty()) {
    throw InvalidArgument(
        fmt::format("evaluate: no query of the run is judged; the run begins with \"{}\", the judgements with \"{}\"",
                    printable(run.begin()->first), printable(judgements.begin()->first)));
  }
  if (queries.empty()) throw InvalidArgument("evaluate: the run is empty, and only retrieved queries were to count");
  return queries;
}

/// The grade of each ranked document, best rank first.
std::vector<int> grades_in_order(const JudgedQuery& query) {
  IdTable judged;
  judged.reset(query.judgements.size());
  std::vector<int> grade_of;
  for (const auto& [id, grade] : query.judgements) {
    judged.number(id);
    grade_of.push_back(grade);
  }
  std::vector<bool> seen(grade_of.size());
  std::vector<int> grades;
  grades.reserve(query.ranking.size());
  for (const Hit& hit : query.ranking) {
    const std::size_t number = judged.find(hit.id);
    grades.push_back(number == IdTable::kNone ? GradedRanking::kUnjudged : grade_of[number]);
    if (number == IdTable::kNone) continue;
    // Ranked twice, a relevant document would be found twice: recall above 1.
    if (seen[number]) {
      throw InvalidArgument(fmt::format("evaluate: document \"{}\" is ranked twice for query \"{}\"", printable(hit.id),
                                        printable(query.id)));
    }
    seen[number] = true;
  }
  return grades;
}

std::vector<double> compute(std::span<const Measure> measures, GradedRanking& ranking) {
  std::sort(ranking.judged.begin(), ranking.judged.end(), std::greater<>());
  std::vector<double> values;
  values.reserve(measures.size());
  for (const Measure& measure : measures) values.push_back(measure.compute(ranking));
  return values;
}

std::vector<double> compute(std::span<const Measure> measures, const JudgedQuery& query, std::vector<int> grades) {
  GradedRanking ranking{std::move(grades), {}};
  for (const auto& judgement : query.judgements) ranking.judged.push_back(judgement.second);
  return compute(measures, ranking);
}

/// Sums up in the order of the queries and divides once, like trec_eval.
struct Sum {
  std::size_t queries = 0;
  std::vector<double> values;

  void add(const std::vector<double>& more) {
    values.resize(more.size());
    for (std::size_t i = 0; i < more.size(); ++i) values[i] += more[i];
    ++queries;
  }
};

EvaluationRow aggregate(std::string label, const Sum& sum, std::span<const Measure> measures) {
  EvaluationRow row{std::move(label), sum.queries, sum.values};
  for (std::size_t i = 0; i < row.values.size(); ++i) row.values[i] = measures[i].aggregate(sum.values[i], sum.queries);
  return row;
}

std::vector<std::string> names(std::span<const Measure> measures) {
  std::vector<std::string> result;
  for (const Measure& measure : measures) result.push_back(measure.name);
  return result;
}

/// What each language's documents alone look like to a measure. Only languages with a judgement are kept.
std::map<Language, GradedRanking> split_by_document_language(const JudgedQuery& query, const std::vector<int>& grades,
                                                             const LanguageOf& languages) {
  std::map<Language, GradedRanking> parts;
  for (const auto& [document_id, grade] : query.judgements) {
    parts[language_of(document_id, languages)].judged.push_back(grade);
  }
  for (std::size_t i = 0; i < grades.size(); ++i) {
    const auto part = parts.find(language_of(query.ranking[i].id, languages));
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

}  // namespace

const Language& language_of(const std::string& id, const LanguageOf& languages) {
  static const Language kUndetermined;
  const auto found = languages.find(id);
  return found == languages.end() ? kUndetermined : found->second;
}

Evaluation evaluate(const Judgements& judgements, const Run& run, std::span<const Measure> measures,
                    const EvaluateOptions& options) {
  Evaluation evaluation;
  evaluation.measures = names(measures);
  Sum all;
  for (const JudgedQuery& query : queries_that_count(judgements, run, options.queries)) {
    evaluation.queries.push_back({query.id, compute(measures, query, grades_in_order(query))});
    all.add(evaluation.queries.back().values);
  }
  evaluation.all = aggregate("all", all, measures);
  return evaluation;
}

LanguageEvaluation evaluate_by_language(const Judgements& judgements, const Run& run, std::span<const Measure> measures,
                                        const LanguageOf& query_languages, const LanguageOf& document_languages,
                                        const EvaluateOptions& options) {
  Sum all;
  std::map<Language, Sum> by_query_language, by_document_language;
  std::map<LanguagePair, Sum> by_pair;
  for (const JudgedQuery& query : queries_that_count(judgements, run, options.queries)) {
    const Language& query_language = language_of(query.id, query_languages);
    const std::vector<int> grades = grades_in_order(query);
    const std::vector<double> values = compute(measures, query, grades);
    all.add(values);
    by_query_language[query_language].add(values);
    for (auto& [document_language, part] : split_by_document_language(query, grades, document_languages)) {
      const std::vector<double> part_values = compute(measures, part);
      by_document_language[document_language].add(part_values);
      by_pair[{query_language, document_language}].add(part_values);
    }
  }

  LanguageEvaluation result;
  result.measures = names(measures);
  result.all = aggregate("all", all, measures);
  for (const auto& [language, sum] : by_query_language) {
    result.by_query_language.push_back(aggregate(language.tag(), sum, measures));
  }
  for (const auto& [language, sum] : by_document_language) {
    result.by_document_language.push_back(aggregate(language.tag(), sum, measures));
  }
  for (const auto& [pair, sum] : by_pair) {
    result.by_pair.push_back(aggregate(fmt::format("{}>{}", pair.first.tag(), pair.second.tag()), sum, measures));
  }
  result.same = mean_over_pairs("same", by_pair, measures, std::equal_to<>());
  result.cross = mean_over_pairs("cross", by_pair, measures, std::not_equal_to<>());
  return result;
}

}  // namespace dragoman
