#pragma once

#include <vector>

#include "base/json.h"
#include "experiment/cell_results.h"

namespace dragoman {

/// A collection's part of the member `comparisons` (docs/formats/results.md): each of its cells with its baseline cell,
/// for every measure, over all queries and over those of each group.
/// @param baseline  index into `cells`.
OrderedJson comparisons_json(const std::vector<JudgedCell>& cells, std::size_t baseline, const Experiment& experiment,
                             std::size_t threads);

}  // namespace dragoman
