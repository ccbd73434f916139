#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/evaluate/measures.h"

namespace dragoman {

/// A setting that a spelling may give: `rel` in "AP(rel=2)", `cutoff` in "AP@100".
struct MeasureParameter {
  std::string_view name;
  std::string_view title;    ///< "cut-off", for messages.
  std::string_view legal;    ///< "a whole number from 1 up", for messages.
  std::string_view example;  ///< A legal value.
  /// False if the value is not legal.
  bool (*set)(MeasureSettings& settings, std::string_view value);
  /// The value as ir_measures writes it.
  std::string (*print)(const MeasureSettings& settings);
};

/// @throws std::out_of_range for a name that no parameter has.
const MeasureParameter& measure_parameter(std::string_view name);

/// How trec_eval spells a measure with a parameter: "P_5", "P.5".
struct TrecSpelling {
  std::string_view prefix;                     ///< "P"; empty if it has no such spelling.
  std::string_view parameter;                  ///< What the number behind the prefix sets.
  std::span<const std::string_view> defaults;  ///< The numbers that the bare prefix stands for in a list.
};

/// A formula that parse_measure() knows: all measures that differ in settings alone.
struct MeasureFamily {
  /// The first is the one printed.
  std::vector<std::string_view> names;
  Measure::Function compute;
  /// Which parameters may stand in the parentheses, in the order they are printed in.
  std::vector<std::string_view> parameters;
  /// The parameter that stands behind the '@', and may stand in the parentheses too; empty if none may.
  std::string_view at;
  /// Parameters that have no default.
  std::vector<std::string_view> required;
  TrecSpelling trec;
  Aggregation aggregation = Aggregation::mean;
  MeasureSettings defaults = {};
  /// What such a name says about a parameter ("relative=True"); the family with the first name alone stands before it.
  std::string_view preset = {};
};

/// To add a measure, write its function and its row here.
std::span<const MeasureFamily> measure_families();

/// trec_eval's group of that name ("official"), as a list of its measures; empty if it has none.
std::string_view measure_group(std::string_view name);

}  // namespace dragoman
