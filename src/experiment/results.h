#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "dragoman/experiment/grid.h"
#include "experiment/plan.h"

namespace dragoman {

/// Judges every cell out of the journals, and writes OUTPUT/results.json and OUTPUT/runs/*.run. Everything must be
/// done.
/// @param began when the first call of this grid began, ISO 8601.
/// @return the sentences on expected scores that did not come out.
std::vector<std::string> write_results(const Experiment& experiment, const GridParts& parts, const GridOptions& options,
                                       const std::string& began);

}  // namespace dragoman
