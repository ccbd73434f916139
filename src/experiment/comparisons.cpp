#include "experiment/comparisons.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "dragoman/base/parallel.h"

namespace dragoman {
namespace {

struct Comparison {
  std::size_t cell = 0, baseline = 0, measure = 0;
  std::string group;
  PairedComparison outcome;
  double p_adjusted = 0;

  /// Those that are adjusted for one another: one measure, all queries or single languages.
  std::pair<std::size_t, bool> family() const { return {measure, group == "all"}; }
  std::string group_label() const { return group == "all" ? "" : group.substr(group.find(':') + 1); }
};

void adjust(std::vector<Comparison>& comparisons) {
  std::map<std::pair<std::size_t, bool>, std::vector<Comparison*>> families;
  for (Comparison& comparison : comparisons) families[comparison.family()].push_back(&comparison);
  for (auto& [family, members] : families) {
    std::vector<double> p_values;
    for (const Comparison* member : members) p_values.push_back(member->outcome.p_randomisation);
    const std::vector<double> adjusted = holm_bonferroni(p_values);
    for (std::size_t i = 0; i < members.size(); ++i) members[i]->p_adjusted = adjusted[i];
  }
}

OrderedJson to_json(const Comparison& comparison, const std::vector<JudgedCell>& cells, const Experiment& experiment) {
  const PairedComparison& outcome = comparison.outcome;
  const std::string& cell = cells[comparison.cell].cell->id;
  const std::string& baseline = cells[comparison.baseline].cell->id;
  const std::string& measure = experiment.measures[comparison.measure].name;
  return {{"cell", cell},
          {"baseline", baseline},
          {"measure", measure},
          {"group", comparison.group},
          {"queries", outcome.queries},
          {"difference", number_json(outcome.difference)},
          {"interval", {number_json(outcome.interval.low), number_json(outcome.interval.high)}},
          {"p_t", number_json(outcome.p_t)},
          {"p_randomisation", number_json(outcome.p_randomisation)},
          {"p_adjusted", number_json(comparison.p_adjusted)},
          {"effect_size", number_json(outcome.effect_size)},
          {"wins", outcome.wins},
          {"losses", outcome.losses},
          {"ties", outcome.ties},
          {"verdict", to_string(verdict(outcome, comparison.p_adjusted))},
          {"sentence",
           describe(outcome, comparison.p_adjusted,
                    {.system = cell, .baseline = baseline, .measure = measure, .group = comparison.group_label()})}};
}

}  // namespace

OrderedJson comparisons_json(const std::vector<JudgedCell>& cells, const std::vector<JudgedCollection>& collections,
                             const std::vector<std::size_t>& baseline_of_collection, const Experiment& experiment,
                             std::size_t threads) {
  std::vector<std::vector<GroupValues>> values;
  for (const JudgedCell& cell : cells) {
    values.push_back(values_by_group(cell, collections[cell.cell->collection], experiment));
  }
  std::vector<Comparison> comparisons;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::size_t baseline = baseline_of_collection[cells[c].cell->collection];
    if (c == baseline) continue;
    for (const GroupValues& group : values[c]) {
      for (std::size_t m = 0; m < experiment.measures.size(); ++m) {
        comparisons.push_back({.cell = c, .baseline = baseline, .measure = m, .group = group.group, .outcome = {}});
      }
    }
  }
  // The groups of a collection are the same for each of its cells, in the same order.
  const auto values_of = [&](std::size_t cell, const Comparison& comparison) -> const std::vector<double>& {
    const auto group = std::ranges::find(values[cell], comparison.group, &GroupValues::group);
    return group->values[comparison.measure];
  };
  parallel_for(comparisons.size(), threads, [&](std::size_t i, std::size_t) {
    Comparison& comparison = comparisons[i];
    comparison.outcome = compare_paired(values_of(comparison.baseline, comparison),
                                        values_of(comparison.cell, comparison), resampling_of(experiment));
  });
  adjust(comparisons);
  OrderedJson json = OrderedJson::array();
  for (const Comparison& comparison : comparisons) json.push_back(to_json(comparison, cells, experiment));
  return json;
}

}  // namespace dragoman
