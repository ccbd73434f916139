#include "evaluate/measure_families.h"

#include <algorithm>
#include <cmath>

// Each sum runs in the order trec_eval sums in, so that the doubles agree to the last bits.

namespace dragoman {
namespace {

std::size_t ranks_that_count(std::size_t ranks, const MeasureSettings& settings) {
  return settings.cutoff == 0 ? ranks : std::min(ranks, settings.cutoff);
}

std::span<const int> counted(const std::vector<int>& grades, const MeasureSettings& settings) {
  return {grades.data(), ranks_that_count(grades.size(), settings)};
}

double count_relevant(std::span<const int> grades, const MeasureSettings& settings) {
  return static_cast<double>(
      std::count_if(grades.begin(), grades.end(), [&](int grade) { return grade >= settings.rel; }));
}

double discounted_gain(std::span<const int> grades) {
  double sum = 0;
  for (std::size_t i = 0; i < grades.size(); ++i) {
    if (grades[i] > 0) sum += grades[i] / std::log2(static_cast<double>(i + 2));
  }
  return sum;
}

/// Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", TOIS 2002, but with a discount of
/// log2(rank + 1) at every rank, as in trec_eval's ndcg and ndcg_cut.
double ndcg(const GradedRanking& ranking, const MeasureSettings& settings) {
  const double ideal = discounted_gain(counted(ranking.judged, settings));
  return ideal > 0 ? discounted_gain(counted(ranking.retrieved, settings)) / ideal : 0;
}

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

double success(const GradedRanking& ranking, const MeasureSettings& settings) {
  return count_relevant(counted(ranking.retrieved, settings), settings) > 0 ? 1 : 0;
}

}  // namespace

std::span<const MeasureFamily> measure_families() {
  using enum MeasureFamily::Cutoff;
  static const std::vector<MeasureFamily> families = {
      {{"nDCG"}, "ndcg_cut", optional, {}, ndcg},
      {{"AP", "MAP"}, "map_cut", optional, {"rel"}, average_precision},
      {{"RR", "MRR", "recip_rank"}, "", optional, {"rel"}, reciprocal_rank},
      {{"R", "Recall"}, "recall", required, {"rel"}, recall},
      {{"P", "Precision"}, "P", required, {"rel"}, precision},
      {{"Success"}, "success", required, {"rel"}, success},
  };
  return families;
}

}  // namespace dragoman
