#include "dragoman/rerank/mix.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace dragoman {
namespace {

/// Infinite scores, which endpoints that tell no probabilities give, are put a step beyond the finite ones.
std::vector<double> finite(std::span<const double> scores) {
  double low = 0, high = 0;
  bool any = false;
  for (const double score : scores) {
    if (!std::isfinite(score)) continue;
    low = any ? std::min(low, score) : score;
    high = any ? std::max(high, score) : score;
    any = true;
  }
  const double step = std::max(1.0, high - low);
  std::vector<double> result;
  for (const double score : scores) {
    result.push_back(std::isfinite(score) ? score : score > 0 ? high + step : low - step);
  }
  return result;
}

/// All zero for equal scores.
std::vector<double> standardise(std::span<const double> scores) {
  std::vector<double> values = finite(scores);
  const auto count = static_cast<double>(values.size());
  double mean = 0, square = 0, largest = 0;
  for (const double value : values) mean += value;
  mean /= count;
  for (double& value : values) {
    largest = std::max(largest, std::abs(value));
    value -= mean;
    square += value * value / count;
  }
  const double deviation = std::sqrt(square);
  // What rounding leaves of equal scores is no preference.
  constexpr double kRounding = 1e-12;
  for (double& value : values) value = deviation > kRounding * largest ? value / deviation : 0;
  return values;
}

bool all_zero(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return value == 0; });
}

}  // namespace

double first_stage_share(std::span<const double> first, std::span<const double> method, double consistency) {
  assert(first.size() == method.size());
  constexpr std::size_t kFewest = 3;  // Two candidates always agree or contradict wholly.
  constexpr double kLeast = 0.5;
  const auto of_first = standardise(first), of_method = standardise(method);
  if (all_zero(of_first)) return 0;
  if (first.size() < kFewest || all_zero(of_method)) return 1;
  double agreement = 0;
  for (std::size_t i = 0; i < of_first.size(); ++i) {
    agreement += of_first[i] * of_method[i] / static_cast<double>(of_first.size());
  }
  agreement *= consistency;
  if (agreement <= 0) return 1;
  if (agreement >= kFirstStageReliability) return kLeast;
  const double s2 = kFirstStageReliability * kFirstStageReliability;
  return std::max(kLeast, 1 / (1 + agreement * (1 - s2) / (s2 - agreement * agreement)));
}

std::vector<double> mix_scores(std::span<const double> first, std::span<const double> method, double share) {
  assert(first.size() == method.size());
  auto mixed = standardise(first);
  const auto of_method = standardise(method);
  for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = share * mixed[i] + (1 - share) * of_method[i];
  return mixed;
}

}  // namespace dragoman
