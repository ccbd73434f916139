#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "dragoman/evaluate/measures.h"

namespace dragoman {

/// A formula that parse_measure() knows: all measures that differ in settings alone.
struct MeasureFamily {
  enum class Cutoff { optional, required };

  /// Names that take "(rel=2)" and "@10"; the first is the one printed.
  std::vector<std::string_view> names;
  /// trec_eval's name where a cut-off follows behind '_' ("ndcg_cut" of "ndcg_cut_10"); empty if it has none.
  std::string_view trec_cut_name;
  Cutoff cutoff;
  /// Which parameters may stand in the parentheses.
  std::vector<std::string_view> parameters;
  Measure::Function compute;
};

/// To add a measure, write its function and its row here.
std::span<const MeasureFamily> measure_families();

}  // namespace dragoman
