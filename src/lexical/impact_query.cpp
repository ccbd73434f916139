#include "lexical/impact_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dragoman/base/error.h"
#include "lexical/max_score.h"

namespace dragoman {

ImpactQuery::ImpactQuery(std::span<const WeightedTerm> query) {
  // In a fixed order, so that sums of weights are the same whatever the order of the query.
  std::vector<WeightedTerm> sorted(query.begin(), query.end());
  std::sort(sorted.begin(), sorted.end(), [](const WeightedTerm& a, const WeightedTerm& b) {
    return a.term != b.term ? a.term < b.term : a.weight < b.weight;
  });
  double sum = 0;
  for (const WeightedTerm& term : sorted) {
    if (!std::isfinite(term.weight) || term.weight <= 0) {
      throw InvalidArgument(
          fmt::format("the weight of '{}' is {}, must be finite and above 0", term.term, term.weight));
    }
    sum += term.weight;
    if (!terms.empty() && terms.back() == term.term) {
      weights.back() += term.weight;
    } else {
      terms.push_back(term.term);
      weights.push_back(term.weight);
    }
  }
  if (terms.empty()) return;
  const ScoreSteps steps(sum * kMostImpact);
  for (float& weight : weights) weight = static_cast<float>(weight * steps.per_unit());
  unit = steps.unit();
}

}  // namespace dragoman
