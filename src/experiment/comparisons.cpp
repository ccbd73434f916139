#include "experiment/comparisons.h"

#include <functional>

#include "dragoman/evaluate/comparison.h"

namespace dragoman {
namespace {

/// The values of one measure in the groups that `wanted` accepts.
template <class Wanted>
SystemValues values_of(const JudgedCell& cell, std::size_t measure, Wanted wanted) {
  SystemValues values{.name = cell.cell->id, .groups = {}};
  for (const EvaluationGroup& group : cell.groups) {
    if (!wanted(group.label)) continue;
    EvaluationGroup& one = values.groups.emplace_back(EvaluationGroup{group.label, {}});
    for (const QueryValues& query : group.queries) one.queries.push_back({query.query_id, {query.values[measure]}});
  }
  return values;
}

OrderedJson to_json(const SystemComparison& comparison, const std::string& baseline) {
  const PairedComparison& paired = comparison.paired;
  return {{"cell", comparison.system},
          {"baseline", baseline},
          {"measure", comparison.measure},
          {"group", comparison.group},
          {"queries", paired.queries},
          {"difference", number_or_null(paired.difference)},
          {"interval", {number_or_null(paired.interval.low), number_or_null(paired.interval.high)}},
          {"p_t", number_or_null(paired.p_t)},
          {"p_randomisation", number_or_null(paired.p_randomisation)},
          {"p_adjusted", number_or_null(comparison.p_adjusted)},
          {"effect_size", number_or_null(paired.effect_size)},
          {"wins", paired.wins},
          {"losses", paired.losses},
          {"ties", paired.ties},
          {"verdict", to_string(comparison.verdict)},
          {"sentence", comparison.sentence}};
}

}  // namespace

OrderedJson comparisons_json(const std::vector<JudgedCell>& cells, std::size_t baseline, const Experiment& experiment,
                             std::size_t threads) {
  const auto is_all = [](const std::string& group) { return group == "all"; };
  const ComparisonOptions options{.resampling = resampling_of(experiment), .threads = threads};
  OrderedJson json = OrderedJson::array();
  // Adjusted for one another are the comparisons of one measure: those over all queries, and those by group.
  const auto compare = [&](std::size_t measure, auto wanted) {
    const std::string names[] = {experiment.measures[measure].name};
    std::vector<SystemValues> systems;
    for (const JudgedCell& cell : cells) {
      const bool comparable = cell.cell->collection == cells[baseline].cell->collection && &cell != &cells[baseline];
      if (comparable) systems.push_back(values_of(cell, measure, wanted));
    }
    const SystemValues of_baseline = values_of(cells[baseline], measure, wanted);
    for (const SystemComparison& comparison : compare_systems(of_baseline, systems, names, options)) {
      json.push_back(to_json(comparison, of_baseline.name));
    }
  };
  for (std::size_t m = 0; m < experiment.measures.size(); ++m) {
    compare(m, is_all);
    compare(m, std::not_fn(is_all));
  }
  return json;
}

}  // namespace dragoman
