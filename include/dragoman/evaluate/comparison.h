#pragma once

#include <span>
#include <string>
#include <vector>

#include "dragoman/evaluate/evaluation.h"
#include "dragoman/evaluate/significance.h"

namespace dragoman {

/// What a system got, by group of queries: "all", and any others under names like "query_language:sw".
struct SystemValues {
  std::string name;
  std::vector<EvaluationGroup> groups;
};

/// A system against the baseline, by one measure in one group.
struct SystemComparison {
  std::string system, measure, group;
  PairedComparison paired;
  double p_adjusted = 0;  ///< paired.p_randomisation, adjusted over all comparisons made together.
  Verdict verdict = Verdict::not_distinguishable;
  std::string sentence;  ///< As describe() has it.
};

struct ComparisonOptions {
  ResamplingOptions resampling = {};
  double alpha = 0.05;      ///< Accepted chance of any false finding among all that are made together, in (0, 1).
  std::size_t threads = 0;  ///< Processors to use; 0 for all. The result does not depend on it.
};

/// Compares each system with the baseline, by each measure, in each group that both have, over the queries that both
/// have there; groups without any are left out. In the order of systems, then groups, then measures.
///
/// The p-values of the randomisation test are adjusted (holm_bonferroni()) over all that is returned: whoever looks for
/// differences in many places finds some, real or not. For that, flips are raised to flips_for() where there are fewer.
///
/// @param measures  their names, as the values are in order.
/// @throws InvalidArgument if alpha is out of range, or as compare_paired().
std::vector<SystemComparison> compare_systems(const SystemValues& baseline, std::span<const SystemValues> systems,
                                              std::span<const std::string> measures,
                                              const ComparisonOptions& options = {});

}  // namespace dragoman
