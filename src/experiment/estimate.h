#pragma once

#include "dragoman/experiment/grid.h"
#include "experiment/plan.h"

namespace dragoman {

/// What is done of each part, and how long the rest may take: by the part's own answers if it has any, by those of
/// parts of the same kind, or by rules of thumb that can be wrong by a factor of three.
std::vector<PlannedPart> estimate(const Experiment& experiment, const GridParts& parts, const GridOptions& options);

}  // namespace dragoman
