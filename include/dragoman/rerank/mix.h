#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace dragoman {

/// How good a first stage is taken to be where nobody measured it: the correlation of its scores with what is right,
/// within the candidates of a query.
inline constexpr double kFirstStageReliability = 0.95;

/// How much of the final scores is the first stage's, told without judgements from how well method and first stage
/// agree.
///
/// Take both scores of a candidate for what is right with errors of their own, which know nothing of each other. Then
/// the correlation of the two is the product of how well each follows what is right (Spearman, "The Proof and
/// Measurement of Association between Two Things", 1904), and with the first stage's known, the method's follows from
/// it. The best sum of both is then the regression of what is right on the two, whose weights are in the ratio
///
///     method : first stage = r (1 - s^2) : (s^2 - r^2)     s = kFirstStageReliability
///
/// where r is their correlation times `consistency`. A method that contradicts the first stage (r <= 0) gets no share:
/// a model that cannot judge, and one that turns the question round, look the same from here.
///
/// @param first, method  one score a candidate, the same length.
/// @param consistency    in [0, 1]: the share of the method's repeated judgements that agree; 1 where none was
/// repeated.
/// @return In [0.5, 1]: never does the method count more than the first stage. 1 for fewer than three candidates or a
///         method without a preference; 0 if the first stage has none.
double first_stage_share(std::span<const double> first, std::span<const double> method, double consistency = 1);

/// share * z(first) + (1 - share) * z(method), where z is a score less the mean of its list, in standard deviations; 0
/// all over a list of equal scores. @param share in [0, 1].
std::vector<double> mix_scores(std::span<const double> first, std::span<const double> method, double share);

}  // namespace dragoman
