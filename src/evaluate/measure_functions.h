#pragma once

#include "dragoman/evaluate/measures.h"

namespace dragoman {

// The formulas, one a measure; parse_measure() says what each is.

double ndcg(const GradedRanking& ranking, const MeasureSettings& settings);
double expected_reciprocal_rank(const GradedRanking& ranking, const MeasureSettings& settings);
double rank_biased_precision(const GradedRanking& ranking, const MeasureSettings& settings);

double average_precision(const GradedRanking& ranking, const MeasureSettings& settings);
double log_average_precision(const GradedRanking& ranking, const MeasureSettings& settings);
double inferred_average_precision(const GradedRanking& ranking, const MeasureSettings& settings);
double binary_preference(const GradedRanking& ranking, const MeasureSettings& settings);
double log_binary_preference(const GradedRanking& ranking, const MeasureSettings& settings);
double reciprocal_rank(const GradedRanking& ranking, const MeasureSettings& settings);
double recall(const GradedRanking& ranking, const MeasureSettings& settings);
double precision(const GradedRanking& ranking, const MeasureSettings& settings);
double relative_precision(const GradedRanking& ranking, const MeasureSettings& settings);
double r_precision(const GradedRanking& ranking, const MeasureSettings& settings);
double r_precision_multiple(const GradedRanking& ranking, const MeasureSettings& settings);
double interpolated_precision(const GradedRanking& ranking, const MeasureSettings& settings);
double eleven_point_average(const GradedRanking& ranking, const MeasureSettings& settings);
double success(const GradedRanking& ranking, const MeasureSettings& settings);

double judged(const GradedRanking& ranking, const MeasureSettings& settings);
double set_precision(const GradedRanking& ranking, const MeasureSettings& settings);
double set_recall(const GradedRanking& ranking, const MeasureSettings& settings);
double set_f(const GradedRanking& ranking, const MeasureSettings& settings);
double set_average_precision(const GradedRanking& ranking, const MeasureSettings& settings);
double utility(const GradedRanking& ranking, const MeasureSettings& settings);
double retrieved_count(const GradedRanking& ranking, const MeasureSettings& settings);
double relevant_count(const GradedRanking& ranking, const MeasureSettings& settings);
double retrieved_non_relevant_count(const GradedRanking& ranking, const MeasureSettings& settings);
double query_count(const GradedRanking& ranking, const MeasureSettings& settings);

}  // namespace dragoman
