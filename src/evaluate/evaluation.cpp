#include "dragoman/evaluate/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "evaluate/id_table.h"
#include "evaluate/judged_query.h"

namespace dragoman {

std::vector<JudgedQuery> queries_that_count(const Judgements& judgements, const Run& run,
                                            const EvaluateOptions& options) {
  if (judgements.empty()) throw InvalidArgument("evaluate: there are no judgements");
  std::vector<JudgedQuery> queries;
  std::size_t shared = 0;
  for (const auto& [id, of_query] : judgements) {
    const auto found = run.find(id);
    if (found != run.end())
      ++shared;
    else if (options.queries == QuerySet::judged_and_retrieved)
      continue;
    std::span<const Hit> ranking;
    if (found != run.end()) ranking = found->second;
    if (options.depth != 0) ranking = ranking.first(std::min(options.depth, ranking.size()));
    queries.push_back({id, of_query, ranking});
  }
  if (shared == 0 && !run.empty()) {
    throw InvalidArgument(
        fmt::format("evaluate: no query of the run is judged; the run begins with \"{}\", the judgements with \"{}\"",
                    printable(run.begin()->first), printable(judgements.begin()->first)));
  }
  if (queries.empty()) throw InvalidArgument("evaluate: the run is empty, and only retrieved queries were to count");
  return queries;
}

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

void Sum::add(const std::vector<double>& more) {
  values.resize(more.size());
  for (std::size_t i = 0; i < more.size(); ++i) values[i] += more[i];
  ++queries;
}

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

Evaluation evaluate(const Judgements& judgements, const Run& run, std::span<const Measure> measures,
                    const EvaluateOptions& options) {
  Evaluation evaluation;
  evaluation.measures = names(measures);
  Sum all;
  for (const JudgedQuery& query : queries_that_count(judgements, run, options)) {
    evaluation.queries.push_back({query.id, compute(measures, query, grades_in_order(query))});
    all.add(evaluation.queries.back().values);
  }
  evaluation.all = aggregate("all", all, measures);
  return evaluation;
}

}  // namespace dragoman
