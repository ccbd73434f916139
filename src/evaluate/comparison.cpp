#include "dragoman/evaluate/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"

namespace dragoman {
namespace {

/// Queries that both have; the ids of either ascend.
std::vector<std::pair<const QueryValues*, const QueryValues*>> pair_up(const EvaluationGroup& baseline,
                                                                       const EvaluationGroup& system) {
  std::vector<std::pair<const QueryValues*, const QueryValues*>> pairs;
  auto of_baseline = baseline.queries.begin();
  for (const QueryValues& of_system : system.queries) {
    while (of_baseline != baseline.queries.end() && of_baseline->query_id < of_system.query_id) ++of_baseline;
    if (of_baseline == baseline.queries.end()) break;
    if (of_baseline->query_id == of_system.query_id) pairs.emplace_back(&*of_baseline, &of_system);
  }
  return pairs;
}

/// "sw" of "query_language:sw", nothing of "all": what a sentence calls the queries.
std::string queries_of(const std::string& group) {
  if (group == "all") return {};
  const std::size_t colon = group.find(':');
  return colon == std::string::npos ? group : group.substr(colon + 1);
}

}  // namespace

std::vector<SystemComparison> compare_systems(const SystemValues& baseline, std::span<const SystemValues> systems,
                                              std::span<const std::string> measures, const ComparisonOptions& options) {
  if (!(options.alpha > 0 && options.alpha < 1)) {
    throw InvalidArgument(fmt::format("alpha is {}, expected a number between 0 and 1", options.alpha));
  }
  std::vector<SystemComparison> comparisons;
  std::vector<std::pair<std::vector<double>, std::vector<double>>> values;  // baseline, system; one a comparison
  for (const SystemValues& system : systems) {
    for (const EvaluationGroup& group : system.groups) {
      const auto of_baseline = std::ranges::find(baseline.groups, group.label, &EvaluationGroup::label);
      if (of_baseline == baseline.groups.end()) continue;
      const auto pairs = pair_up(*of_baseline, group);
      if (pairs.empty()) continue;
      for (std::size_t measure = 0; measure < measures.size(); ++measure) {
        SystemComparison& comparison = comparisons.emplace_back();
        comparison.system = system.name;
        comparison.measure = measures[measure];
        comparison.group = group.label;
        auto& [baseline_values, system_values] = values.emplace_back();
        for (const auto& [baseline_query, system_query] : pairs) {
          baseline_values.push_back(baseline_query->values.at(measure));
          system_values.push_back(system_query->values.at(measure));
        }
      }
    }
  }

  ResamplingOptions resampling = options.resampling;
  resampling.flips = std::max(resampling.flips, flips_for(comparisons.size(), options.alpha));
  std::vector<double> p_values(comparisons.size());
  parallel_for(comparisons.size(), options.threads, [&](std::size_t i, std::size_t) {
    comparisons[i].paired = compare_paired(values[i].first, values[i].second, resampling);
    p_values[i] = comparisons[i].paired.p_randomisation;
  });
  const std::vector<double> adjusted = holm_bonferroni(p_values);
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    SystemComparison& comparison = comparisons[i];
    comparison.p_adjusted = adjusted[i];
    comparison.verdict = verdict(comparison.paired, adjusted[i], options.alpha);
    comparison.sentence = describe(comparison.paired, adjusted[i],
                                   {comparison.system, baseline.name, comparison.measure, queries_of(comparison.group)},
                                   options.alpha, comparisons.size());
  }
  return comparisons;
}

}  // namespace dragoman
