#include "dragoman/evaluate/significance.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Values of the same rankings, summed up in another order, differ by less than that; those of different ones by more.
constexpr double kRounding = 1e-9;

// Bootstrap and sign flips shall not share their draws.
constexpr std::uint64_t kFlipStream = 0x9e3779b97f4a7c15;

void check(const ResamplingOptions& options) {
  if (options.resamples < 100) {
    throw InvalidArgument(fmt::format("resamples is {}, expected at least 100", options.resamples));
  }
  if (options.flips < 100) throw InvalidArgument(fmt::format("flips is {}, expected at least 100", options.flips));
  if (!(options.confidence > 0 && options.confidence < 1)) {
    throw InvalidArgument(fmt::format("confidence is {}, expected a number between 0 and 1", options.confidence));
  }
}

void check_values(std::span<const double> values) {
  const auto odd = std::ranges::find_if(values, [](double value) { return !std::isfinite(value); });
  if (odd != values.end()) {
    throw InvalidArgument(
        fmt::format("value {} of {} is {}, expected finite numbers", odd - values.begin() + 1, values.size(), *odd));
  }
  if (values.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw InvalidArgument(fmt::format("{} values are more than can be resampled", values.size()));
  }
}

double sum_of(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

double mean_of(std::span<const double> values) { return sum_of(values) / static_cast<double>(values.size()); }

bool all_equal(std::span<const double> values) {
  return std::ranges::adjacent_find(values, std::not_equal_to<>()) == values.end();
}

double phi(double z) { return boost::math::cdf(boost::math::normal(), z); }
double phi_inverse(double p) { return boost::math::quantile(boost::math::normal(), p); }

/// Means of resamples, ascending.
std::vector<double> resampled_means(std::span<const double> values, const ResamplingOptions& options) {
  Random random(options.seed);
  const auto size = static_cast<std::uint32_t>(values.size());
  std::vector<double> means(options.resamples);
  for (double& mean : means) {
    double sum = 0;
    random.below(size, size, [&](std::uint32_t i) { sum += values[i]; });
    mean = sum / size;
  }
  std::ranges::sort(means);
  return means;
}

/// Between the two nearest, in proportion.
double quantile(const std::vector<double>& ascending, double p) {
  const double at = std::clamp(p, 0.0, 1.0) * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return std::lerp(ascending[below], ascending[above], at - static_cast<double>(below));
}

/// Efron's a. Leaving value i out moves the mean by (values[i] - mean) / (n - 1), so the jackknife needs no n means.
double acceleration(std::span<const double> values, double mean) {
  double squares = 0, cubes = 0;
  for (const double value : values) {
    const double deviation = value - mean;
    squares += deviation * deviation;
    cubes += deviation * deviation * deviation;
  }
  return cubes / (6 * std::pow(squares, 1.5));
}

std::vector<double> differences_of(std::span<const double> baseline, std::span<const double> system) {
  std::vector<double> differences(system.size());
  for (std::size_t i = 0; i < system.size(); ++i) {
    const double difference = system[i] - baseline[i];
    differences[i] = std::abs(difference) < kRounding ? 0 : difference;
  }
  return differences;
}

/// Sum of the values with the signs of those flipped whose bit is set.
double flipped_sum(std::span<const double> values, std::uint64_t flips) {
  double sum = 0;
  for (const double value : values) {
    // The sign bit of a double is its highest; a branch here would be mispredicted every other time.
    sum += std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) ^ (flips << 63));
    flips >>= 1;
  }
  return sum;
}

double randomisation_test(std::span<const double> differences, const ResamplingOptions& options) {
  std::vector<double> values(differences.begin(), differences.end());
  std::erase(values, 0.0);  // Flipping them changes nothing.
  double reach = 0;
  for (const double value : values) reach += std::abs(value);
  // Flips that give the same sum in exact arithmetic must count, whatever rounding makes of them.
  const double observed = std::abs(sum_of(values)) - 1e-12 * reach;

  if (values.size() < 64 && (std::uint64_t{1} << values.size()) <= options.flips) {
    const std::uint64_t all = std::uint64_t{1} << values.size();
    std::uint64_t as_far = 0;
    for (std::uint64_t flips = 0; flips < all; ++flips) as_far += std::abs(flipped_sum(values, flips)) >= observed;
    return static_cast<double>(as_far) / static_cast<double>(all);
  }

  Random random(options.seed ^ kFlipStream);
  std::size_t as_far = 0;
  for (std::size_t i = 0; i < options.flips; ++i) {
    double sum = 0;
    for (std::size_t begin = 0; begin < values.size(); begin += 64) {
      const std::size_t size = std::min<std::size_t>(64, values.size() - begin);
      sum += flipped_sum(std::span(values).subspan(begin, size), random.bits());
    }
    as_far += std::abs(sum) >= observed;
  }
  return static_cast<double>(as_far + 1) / static_cast<double>(options.flips + 1);
}

double standard_deviation(std::span<const double> values, double mean) {
  if (all_equal(values)) return 0;  // which the sum below might miss by a rounding
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double t_test(double effect_size, std::size_t queries) {
  if (std::isnan(effect_size)) return kNan;
  if (std::isinf(effect_size)) return 0;
  const double t = std::abs(effect_size) * std::sqrt(static_cast<double>(queries));
  const boost::math::students_t distribution(static_cast<double>(queries - 1));
  return 2 * boost::math::cdf(boost::math::complement(distribution, t));
}

/// Half the interval, stretched from its confidence to `alpha` as a normal one would be. NaN where there is none.
double smallest_difference(const PairedComparison& comparison, double alpha) {
  const double half = (comparison.interval.high - comparison.interval.low) / 2;
  return half * phi_inverse(1 - alpha / 2) / phi_inverse(1 - (1 - comparison.confidence) / 2);
}

std::string p_text(double p) {
  if (std::isnan(p)) return "unknown";
  return p < 0.0001 ? "below 0.0001" : fmt::format("{:.2g}", p);
}

std::string_view relation(Verdict verdict) {
  switch (verdict) {
    case Verdict::better:
      return "better than";
    case Verdict::worse:
      return "worse than";
    case Verdict::not_distinguishable:
      break;
  }
  return "not distinguishable from";
}

}  // namespace

Interval bootstrap_mean(std::span<const double> values, const ResamplingOptions& options) {
  check(options);
  check_values(values);
  if (values.size() < 2) return {kNan, kNan};
  if (all_equal(values)) return {values[0], values[0]};

  const double mean = mean_of(values);
  const std::vector<double> means = resampled_means(values, options);
  // Efron's z0: by how much the median of the resampled means is off. Half of those equal to the mean lie below it.
  const auto [begin, end] = std::equal_range(means.begin(), means.end(), mean);
  const double below = static_cast<double>((begin - means.begin()) + (end - means.begin())) / 2;
  const double share = std::clamp(below / static_cast<double>(means.size()), 0.5 / static_cast<double>(means.size()),
                                  1 - 0.5 / static_cast<double>(means.size()));
  const double bias = phi_inverse(share);
  const double a = acceleration(values, mean);
  const auto end_point = [&](double p) {
    const double z = bias + phi_inverse(p);
    return quantile(means, phi(bias + z / (1 - a * z)));
  };
  const double tail = (1 - options.confidence) / 2;
  return {end_point(tail), end_point(1 - tail)};
}

PairedComparison compare_paired(std::span<const double> baseline, std::span<const double> system,
                                const ResamplingOptions& options) {
  if (baseline.size() != system.size()) {
    throw InvalidArgument(fmt::format("compare_paired: the baseline has {} values, the system {}; expected one a query",
                                      baseline.size(), system.size()));
  }
  if (system.empty()) throw InvalidArgument("compare_paired: there is no query to compare on");
  check(options);
  check_values(baseline);
  check_values(system);

  const std::vector<double> differences = differences_of(baseline, system);
  PairedComparison result;
  result.queries = system.size();
  result.baseline_mean = mean_of(baseline);
  result.system_mean = mean_of(system);
  result.difference = mean_of(differences);
  result.interval = bootstrap_mean(differences, options);
  result.confidence = options.confidence;
  result.ties = static_cast<std::size_t>(std::ranges::count(differences, 0.0));
  result.wins = static_cast<std::size_t>(std::ranges::count_if(differences, [](double d) { return d > 0; }));
  result.losses = result.queries - result.ties - result.wins;
  result.p_randomisation = randomisation_test(differences, options);
  if (result.ties == result.queries) {
    result.p_t = 1;
    return result;
  }
  const double deviation = result.queries == 1 ? kNan : standard_deviation(differences, result.difference);
  result.effect_size = deviation == 0 ? std::copysign(kInfinity, result.difference) : result.difference / deviation;
  result.p_t = t_test(result.effect_size, result.queries);
  return result;
}

std::vector<double> holm_bonferroni(std::span<const double> p_values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    if (std::isnan(p_values[i])) continue;
    if (!(p_values[i] >= 0 && p_values[i] <= 1)) {
      throw InvalidArgument(fmt::format("p-value {} is {}, expected a number from 0 to 1", i + 1, p_values[i]));
    }
    order.push_back(i);
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p_values[i]; });
  std::vector<double> adjusted(p_values.begin(), p_values.end());
  double highest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    // The smallest is one of all, the next one of those that are left; none is adjusted below a smaller one.
    highest = std::max(highest, std::min(1.0, static_cast<double>(order.size() - rank) * p_values[order[rank]]));
    adjusted[order[rank]] = highest;
  }
  return adjusted;
}

std::size_t flips_for(std::size_t comparisons, double alpha) {
  const auto just = static_cast<std::size_t>(std::ceil(static_cast<double>(comparisons) / alpha));
  return std::max(ResamplingOptions().flips, 4 * just);
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::better:
      return "better";
    case Verdict::worse:
      return "worse";
    case Verdict::not_distinguishable:
      break;
  }
  return "not_distinguishable";
}

Verdict verdict(const PairedComparison& comparison, double p_adjusted, double alpha) {
  if (!(p_adjusted < alpha) || comparison.difference == 0) return Verdict::not_distinguishable;
  return comparison.difference > 0 ? Verdict::better : Verdict::worse;
}

std::string describe(const PairedComparison& comparison, double p_adjusted, const ComparisonNames& names, double alpha,
                     std::size_t comparisons) {
  const Verdict found = verdict(comparison, p_adjusted, alpha);
  const auto& [low, high] = comparison.interval;
  const bool has_interval = !std::isnan(low);
  const std::string interval =
      has_interval ? fmt::format("{:g}% interval {:+.4f} to {:+.4f}, ", 100 * comparison.confidence, low, high) : "";
  const double least = smallest_difference(comparison, alpha / static_cast<double>(comparisons));
  const std::string limit = found == Verdict::not_distinguishable && std::abs(comparison.difference) < least
                                ? fmt::format("; a difference below {:.4f} would not show", least)
                                : "";
  const std::string queries = fmt::format("{}{} {}", comparison.queries, names.group.empty() ? "" : " " + names.group,
                                          comparison.queries == 1 ? "query" : "queries");
  return fmt::format("{} is {} {} in {}: {:.4f} against {:.4f}, {:+.4f} ({}adjusted p {}) over {}{}.", names.system,
                     relation(found), names.baseline, names.measure, comparison.system_mean, comparison.baseline_mean,
                     comparison.difference, interval, p_text(p_adjusted), queries, limit);
}

}  // namespace dragoman
