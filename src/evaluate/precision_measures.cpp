#include <cmath>

#include "evaluate/counting.h"
#include "evaluate/measure_functions.h"

// Each sum runs in the order trec_eval sums in, so that the doubles agree to the last bits.

namespace dragoman {
namespace {

/// A geometric mean knows no 0: trec_eval's MIN_GEO_MEAN.
constexpr double kLeastValue = 0.00001;

/// Where recall reaches that share of the relevant documents, counted in documents: upwards, but for rounding errors of
/// shares like 0.1 (trec_eval up to version 9).
std::size_t documents_at(double share, double relevant) { return static_cast<std::size_t>(share * relevant + 0.9); }

/// precision[n]: the best precision at any rank that has at least n relevant documents, from n = 0 up.
std::vector<double> best_precisions(const GradedRanking& ranking, const MeasureSettings& settings) {
  std::vector<double> best = {0};
  for (std::size_t i = 0; i < ranking.retrieved.size(); ++i) {
    if (ranking.retrieved[i] < settings.rel) continue;
    best.push_back(static_cast<double>(best.size()) / static_cast<double>(i + 1));
  }
  for (std::size_t n = best.size() - 1; n > 0; --n) best[n - 1] = std::max(best[n - 1], best[n]);
  return best;
}

}  // namespace

double average_precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  const std::span<const int> grades = counted(ranking.retrieved, settings);
  double found = 0, sum = 0;
  for (std::size_t i = 0; i < grades.size(); ++i) {
    if (grades[i] < settings.rel) continue;
    found += 1;
    sum += found / static_cast<double>(i + 1);
  }
  return found > 0 ? sum / count_relevant(ranking.judged, settings) : 0;
}

double log_average_precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  return std::log(std::max(average_precision(ranking, settings), kLeastValue));
}

/// Yilmaz and Aslam, "Estimating Average Precision with Incomplete and Imperfect Judgments", CIKM 2006, with the pool
/// as trec_eval tells it: a negative grade is pooled but not judged, no grade at all is not pooled.
double inferred_average_precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  constexpr double kEpsilon = 0.00001;
  double relevant = 0, non_relevant = 0, pooled_only = 0, sum = 0;
  for (std::size_t i = 0; i < ranking.retrieved.size(); ++i) {
    const int grade = ranking.retrieved[i];
    if (grade == GradedRanking::kUnjudged) continue;
    if (grade < 0) {
      pooled_only += 1;
    } else if (grade < settings.rel) {
      non_relevant += 1;
    } else {
      const auto above = static_cast<double>(i);
      sum += i == 0 ? 1
                    : 1 / (above + 1) + (above / (above + 1)) * ((relevant + non_relevant + pooled_only) / above) *
                                            ((relevant + kEpsilon) / (relevant + non_relevant + 2 * kEpsilon));
      relevant += 1;
    }
  }
  return relevant > 0 ? sum / count_relevant(ranking.judged, settings) : 0;
}

/// Buckley and Voorhees, "Retrieval Evaluation with Incomplete Information", SIGIR 2004, in the form that trec_eval has
/// had since version 8: of N judged non-relevant documents the first min(R, N) count.
double binary_preference(const GradedRanking& ranking, const MeasureSettings& settings) {
  const double relevant = count_relevant(ranking.judged, settings);
  if (relevant == 0) return 0;
  const auto is_non_relevant = [&](int grade) { return is_judged_non_relevant(grade, settings); };
  const double limit = std::min(
      relevant, static_cast<double>(std::count_if(ranking.judged.begin(), ranking.judged.end(), is_non_relevant)));
  double above = 0, sum = 0;
  for (const int grade : ranking.retrieved) {
    if (is_non_relevant(grade)) above += 1;
    if (grade >= settings.rel) sum += above > 0 ? 1 - std::min(above, relevant) / limit : 1;
  }
  return sum / relevant;
}

double log_binary_preference(const GradedRanking& ranking, const MeasureSettings& settings) {
  return std::log(std::max(binary_preference(ranking, settings), kLeastValue));
}

double reciprocal_rank(const GradedRanking& ranking, const MeasureSettings& settings) {
  const std::span<const int> grades = counted(ranking.retrieved, settings);
  const auto first = std::find_if(grades.begin(), grades.end(), [&](int grade) { return grade >= settings.rel; });
  return first == grades.end() ? 0 : 1.0 / static_cast<double>(first - grades.begin() + 1);
}

double recall(const GradedRanking& ranking, const MeasureSettings& settings) {
  const double relevant = count_relevant(ranking.judged, settings);
  return relevant > 0 ? count_relevant(counted(ranking.retrieved, settings), settings) / relevant : 0;
}

double precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  return count_relevant(counted(ranking.retrieved, settings), settings) / static_cast<double>(settings.cutoff);
}

double relative_precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  const double best = std::min(static_cast<double>(settings.cutoff), count_relevant(ranking.judged, settings));
  return best > 0 ? count_relevant(counted(ranking.retrieved, settings), settings) / best : 0;
}

double r_precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  MeasureSettings at_r = settings;
  at_r.cutoff = static_cast<std::size_t>(count_relevant(ranking.judged, settings));
  return at_r.cutoff > 0 ? precision(ranking, at_r) : 0;
}

double r_precision_multiple(const GradedRanking& ranking, const MeasureSettings& settings) {
  MeasureSettings at_multiple = settings;
  at_multiple.cutoff = documents_at(settings.multiple, count_relevant(ranking.judged, settings));
  return at_multiple.cutoff > 0 ? precision(ranking, at_multiple) : 0;
}

double interpolated_precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  const std::vector<double> best = best_precisions(ranking, settings);
  const std::size_t documents = documents_at(settings.recall, count_relevant(ranking.judged, settings));
  return documents < best.size() ? best[documents] : 0;
}

double eleven_point_average(const GradedRanking& ranking, const MeasureSettings& settings) {
  const std::vector<double> best = best_precisions(ranking, settings);
  const double relevant = count_relevant(ranking.judged, settings);
  double sum = 0;
  for (const double share : {1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0}) {
    const std::size_t documents = documents_at(share, relevant);
    if (documents < best.size()) sum += best[documents];
  }
  return sum / 11;
}

double success(const GradedRanking& ranking, const MeasureSettings& settings) {
  return count_relevant(counted(ranking.retrieved, settings), settings) > 0 ? 1 : 0;
}

}  // namespace dragoman
