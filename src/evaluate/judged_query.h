#pragma once

#include <span>
#include <string>
#include <vector>

#include "dragoman/evaluate/evaluation.h"

namespace dragoman {

/// A query that counts. Views of judgements and run.
struct JudgedQuery {
  const std::string& id;
  const QueryJudgements& judgements;
  std::span<const Hit> ranking;  ///< Cut to the depth asked for.
};

/// Ascending by id. @throws InvalidArgument as evaluate() for judgements and a run that do not fit.
std::vector<JudgedQuery> queries_that_count(const Judgements& judgements, const Run& run,
                                            const EvaluateOptions& options);

/// The grade of each ranked document, best rank first.
/// @throws InvalidArgument if a judged document is ranked twice.
std::vector<int> grades_in_order(const JudgedQuery& query);

/// One value a measure; brings the judged grades into their order first.
std::vector<double> compute(std::span<const Measure> measures, GradedRanking& ranking);
std::vector<double> compute(std::span<const Measure> measures, const JudgedQuery& query, std::vector<int> grades);

/// Sums up in the order of the queries and divides once, like trec_eval.
struct Sum {
  std::size_t queries = 0;
  std::vector<double> values;

  void add(const std::vector<double>& more);
};

EvaluationRow aggregate(std::string label, const Sum& sum, std::span<const Measure> measures);

std::vector<std::string> names(std::span<const Measure> measures);

}  // namespace dragoman
