#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "dragoman/evaluate/comparison.h"
#include "dragoman/evaluate/fairness.h"

namespace dragoman::cli {

/// What eval answers, as JSON and as tables on standard output. `measures` are names as they were typed.
using MeasureNames = std::vector<std::string>;

OrderedJson values_json(const MeasureNames& measures, const std::vector<double>& values);
OrderedJson rows_json(const MeasureNames& measures, const std::vector<EvaluationRow>& rows);
OrderedJson comparisons_json(const std::string& baseline, const std::vector<SystemComparison>& comparisons);
OrderedJson fairness_json(const MeasureNames& measures, const FairnessReport& report,
                          const std::vector<DialPoint>& curve);

void print_header(std::string_view title, const MeasureNames& measures);
void print_row(const MeasureNames& measures, const EvaluationRow& row);
/// Behind a blank line, under a header.
void print_rows(std::string_view title, const MeasureNames& measures, const std::vector<EvaluationRow>& rows);
/// A table of all, and sentences about the whole and about what could be told in groups.
void print_comparisons(const std::string& run, const std::string& baseline,
                       const std::vector<SystemComparison>& comparisons);
void print_fairness(const MeasureNames& measures, const FairnessReport& report, const std::vector<DialPoint>& curve);

}  // namespace dragoman::cli
