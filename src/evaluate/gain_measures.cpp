#include <fmt/format.h>

#include <cmath>

#include "dragoman/base/error.h"
#include "evaluate/counting.h"
#include "evaluate/measure_functions.h"

// Each sum runs in the order trec_eval sums in, so that the doubles agree to the last bits.

namespace dragoman {
namespace {

constexpr int kMostExponent = 1000;

double gain(int grade, Gain kind) { return kind == Gain::log2 ? grade : std::exp2(grade) - 1; }

double discounted_gain(std::span<const int> grades, Gain kind) {
  double sum = 0;
  for (std::size_t i = 0; i < grades.size(); ++i) {
    if (grades[i] > 0) sum += gain(grades[i], kind) / std::log2(static_cast<double>(i + 2));
  }
  return sum;
}

}  // namespace

/// Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", TOIS 2002, but with a discount of
/// log2(rank + 1) at every rank, as in trec_eval's ndcg and ndcg_cut.
double ndcg(const GradedRanking& ranking, const MeasureSettings& settings) {
  if (settings.gain == Gain::exp_log2 && !ranking.judged.empty() && ranking.judged.front() > kMostExponent) {
    throw InvalidArgument(fmt::format("nDCG: a document has grade {}, expected at most {} where 2^grade is gained",
                                      ranking.judged.front(), kMostExponent));
  }
  const double ideal = discounted_gain(counted(ranking.judged, settings), settings.gain);
  return ideal > 0 ? discounted_gain(counted(ranking.retrieved, settings), settings.gain) / ideal : 0;
}

/// Chapelle, Metzler, Zhang and Grinspan, "Expected Reciprocal Rank for Graded Relevance", CIKM 2009, equations 4 and
/// 5: a document of grade g satisfies with probability (2^g - 1) / 2^max_rel.
double expected_reciprocal_rank(const GradedRanking& ranking, const MeasureSettings& settings) {
  if (!ranking.judged.empty() && ranking.judged.front() > settings.max_rel) {
    throw InvalidArgument(fmt::format(
        "ERR: a document has grade {}, expected at most {}; set the highest grade, as in ERR(max_rel={})@10",
        ranking.judged.front(), settings.max_rel, ranking.judged.front()));
  }
  double sum = 0, goes_on = 1;
  const std::span<const int> grades = counted(ranking.retrieved, settings);
  for (std::size_t i = 0; i < grades.size(); ++i) {
    if (grades[i] <= 0) continue;
    const double satisfies = gain(grades[i], Gain::exp_log2) / std::exp2(settings.max_rel);
    sum += satisfies * goes_on / static_cast<double>(i + 1);
    goes_on *= 1 - satisfies;
  }
  return sum;
}

/// Moffat and Zobel, "Rank-Biased Precision for Measurement of Retrieval Effectiveness", TOIS 2008, equation 5.
double rank_biased_precision(const GradedRanking& ranking, const MeasureSettings& settings) {
  double sum = 0, weight = 1;
  for (const int grade : counted(ranking.retrieved, settings)) {
    if (grade >= settings.rel) sum += weight;
    weight *= settings.p;
  }
  return (1 - settings.p) * sum;
}

}  // namespace dragoman
