#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// Is the difference real? Resampling over the values that queries have. All functions here give the same for the same
/// arguments on every machine, are thread-safe and use one thread: call them from many.
struct ResamplingOptions {
  std::uint64_t seed = 17;
  std::size_t resamples = 10'000;  ///< At least 100.
  double confidence = 0.95;        ///< Of intervals, in (0, 1).
  /// Random flips of signs in the randomisation test, at least 100. No p-value can be below 1 / (flips + 1), so tests
  /// that are adjusted for being many need more: see flips_for().
  std::size_t flips = 10'000;
};

/// Closed; both NaN where there is none.
struct Interval {
  double low = 0, high = 0;
};

/// Interval of the mean: the bias-corrected and accelerated bootstrap (BCa), which follows the skew that values between
/// 0 and 1 have. Efron, "Better Bootstrap Confidence Intervals", JASA 82, 1987; the acceleration is the jackknife's.
///
/// @param values  finite, one a query. Equal values give an interval without width; fewer than two give none.
/// @throws InvalidArgument for a value that is not finite, or options out of range.
///
/// O(resamples * values) time: 10,000 resamples of 1,190 values take some 30 ms.
Interval bootstrap_mean(std::span<const double> values, const ResamplingOptions& options = {});

/// System minus baseline, over queries that both answered.
struct PairedComparison {
  std::size_t queries = 0;
  double baseline_mean = 0, system_mean = 0;
  double difference = 0;  ///< Mean of the differences.
  Interval interval;      ///< Of `difference`, as bootstrap_mean() gives it.
  double confidence = 0;  ///< Of the interval, as in the options.
  /// Paired t-test, two-sided. NaN for one query; 0 where all differ by the same; 1 where none differs.
  double p_t = 0;
  /// Fisher's randomisation test: how often flipping the signs of the differences at random gives a mean at least as
  /// far from 0. Exact over all flips where there are no more of them than `flips` (13 differences of 10,000); else
  /// from m random flips, (as far + 1) / (m + 1), so never 0: Phipson and Smyth, SAGMB 9(1), 2010. It assumes nothing
  /// of the values' distribution: Smucker, Allan and Carterette, CIKM 2007.
  double p_randomisation = 0;
  /// Cohen's d of the differences: their mean over their standard deviation. 0 where none differs, infinite where all
  /// differ by the same, NaN for one query that differs.
  double effect_size = 0;
  std::size_t wins = 0, losses = 0, ties = 0;  ///< Of the system, by query.
};

/// Compares two systems on the same queries.
///
/// @param baseline, system  one value a query, in the same order of queries. Differences below 1e-9 are rounding and
///                          count as 0.
/// @throws InvalidArgument if the lengths differ, there is no query, a value is not finite, or options are out of
/// range.
///
/// O((resamples + flips) * values) time: 1,190 values take some 40 ms.
PairedComparison compare_paired(std::span<const double> baseline, std::span<const double> system,
                                const ResamplingOptions& options = {});

/// p-values adjusted for there being so many, in the order given: each is what it would have to be compared with alpha
/// for the chance of any false finding among all to be at most alpha. Holm, "A Simple Sequentially Rejective Multiple
/// Test Procedure", Scandinavian Journal of Statistics 6, 1979. NaN stays NaN and is not counted.
///
/// @throws InvalidArgument for a value outside [0, 1].
std::vector<double> holm_bonferroni(std::span<const double> p_values);

/// How many flips it takes for a p-value to come below `alpha` even when it is adjusted over `comparisons`: ten times
/// as many as would just do, and at least the default.
std::size_t flips_for(std::size_t comparisons, double alpha = 0.05);

enum class Verdict { better, worse, not_distinguishable };

/// The name of the enumerator: "not_distinguishable".
std::string_view to_string(Verdict verdict);

/// @param p_adjusted  of this comparison, adjusted over all that were made. NaN is not distinguishable.
/// @param alpha       accepted chance of a false finding.
Verdict verdict(const PairedComparison& comparison, double p_adjusted, double alpha = 0.05);

/// What was compared, as the sentence calls it.
struct ComparisonNames {
  std::string system, baseline, measure;
  std::string group = {};  ///< Which queries, as in "of sw queries": "sw"; empty for all.
};

/// One sentence with the numbers:
///
///     dense is better than bm25 in nDCG@10: 0.4663 against 0.2875, +0.1788 (95% interval +0.1690 to +0.1885, adjusted
///     p 0.0003) over 1190 queries.
///     bm25 is not distinguishable from bm25-en in AP: 0.0895 against 0.0871, +0.0024 (95% interval -0.0051 to +0.0102,
///     adjusted p 0.73) over 62 queries; a difference below 0.0077 would not show.
///
/// The last figure is half the interval's width, as wide as it would be for `alpha` over all comparisons: about the
/// smallest difference that these queries can tell from chance. (One line; broken here.)
///
/// @param comparisons  how many were made together, at least 1.
std::string describe(const PairedComparison& comparison, double p_adjusted, const ComparisonNames& names,
                     double alpha = 0.05, std::size_t comparisons = 1);

}  // namespace dragoman
