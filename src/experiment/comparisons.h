#pragma once

#include <vector>

#include "base/json.h"
#include "experiment/cell_results.h"

namespace dragoman {

/// The member `comparisons` (docs/formats/results.md): every cell of a collection with the collection's baseline cell,
/// for every measure, over all queries and over those of each language.
OrderedJson comparisons_json(const std::vector<JudgedCell>& cells, const std::vector<JudgedCollection>& collections,
                             const std::vector<std::size_t>& baseline_of_collection, const Experiment& experiment,
                             std::size_t threads);

}  // namespace dragoman
