#include "evaluate/counting.h"
#include "evaluate/measure_functions.h"

namespace dragoman {

double judged(const GradedRanking& ranking, const MeasureSettings& settings) {
  const std::span<const int> grades = counted(ranking.retrieved, settings);
  if (grades.empty()) return 0;
  const auto unjudged = static_cast<std::size_t>(std::count(grades.begin(), grades.end(), GradedRanking::kUnjudged));
  return static_cast<double>(grades.size() - unjudged) / static_cast<double>(grades.size());
}

double set_precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  const auto retrieved = static_cast<double>(ranking.retrieved.size());
  const double relevant = count_relevant(ranking.judged, settings);
  const double best = settings.relative ? std::min(retrieved, relevant) : retrieved;
  return best > 0 ? count_relevant(ranking.retrieved, settings) / best : 0;
}

double set_recall(const GradedRanking& ranking, const MeasureSettings& settings) {
  const double relevant = count_relevant(ranking.judged, settings);
  return relevant > 0 ? count_relevant(ranking.retrieved, settings) / relevant : 0;
}

double set_f(const GradedRanking& ranking, const MeasureSettings& settings) {
  const double precision = set_precision(ranking, settings), recall = set_recall(ranking, settings);
  if (precision == 0) return 0;
  return (settings.beta + 1) * precision * recall / (settings.beta * precision + recall);
}

double set_average_precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  return set_precision(ranking, settings) * set_recall(ranking, settings);
}

double utility(const GradedRanking& ranking, const MeasureSettings& settings) {
  return 2 * count_relevant(ranking.retrieved, settings) - static_cast<double>(ranking.retrieved.size());
}

double retrieved_count(const GradedRanking& ranking, const MeasureSettings& settings) {
  return count_relevant(ranking.retrieved, settings);
}

double relevant_count(const GradedRanking& ranking, const MeasureSettings& settings) {
  return count_relevant(ranking.judged, settings);
}

double retrieved_non_relevant_count(const GradedRanking& ranking, const MeasureSettings& settings) {
  return static_cast<double>(std::count_if(ranking.retrieved.begin(), ranking.retrieved.end(),
                                           [&](int grade) { return is_judged_non_relevant(grade, settings); }));
}

double query_count(const GradedRanking&, const MeasureSettings&) { return 1; }

}  // namespace dragoman
