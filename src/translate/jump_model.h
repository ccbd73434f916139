#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace dragoman {

/// How far apart the places are that neighbouring words come from: the transitions of an HMM for word alignment (Vogel,
/// Ney and Tillmann, "HMM-Based Word Alignment in Statistical Translation", COLING 1996). States are the places of a
/// sentence, and for each place, and for the beginning, one in which a word comes from none (Och and Ney, "A Systematic
/// Comparison of Various Statistical Alignment Models", CL 2003).
class JumpModel {
 public:
  static constexpr int kFurthest = 8;       ///< Jumps beyond are counted as of that width.
  static constexpr float kFromNone = 0.2f;  ///< Probability of coming from none; Och and Ney's p0 lies near it.
  static constexpr std::size_t kJumps = 2 * kFurthest + 1;
  using Counts = std::array<std::uint64_t, kJumps>;  ///< In units of 2^-32.

  JumpModel();

  static std::size_t bucket(std::ptrdiff_t jump);

  /// Makes the transitions of sentences of these lengths, each once.
  void prepare(std::span<const std::size_t> lengths);
  /// [length + 1][length]: from the beginning (row 0) or place row - 1, to each place. Rows add up to 1 - kFromNone.
  std::span<const float> transitions(std::size_t length) const { return matrices_.at(length); }

  /// New probabilities from what was counted, with a little for every jump.
  void maximize(const Counts& counts);

 private:
  std::array<double, kJumps> jumps_;
  std::map<std::size_t, std::vector<float>> matrices_;
};

/// Posteriors of one sentence under an HMM.
class ForwardBackward {
 public:
  /// @param emissions    [observed][states]: probability of each observed word from each place.
  /// @param from_none    [observed]: of each observed word from none.
  /// @param transitions  as JumpModel::transitions() of `states`.
  /// @param posteriors   [observed][states], filled in.
  /// @param none         [observed], filled in: what is left.
  /// @param jumps        null, or what the sentence's expected jumps are added to.
  /// @return natural logarithm of the sentence's probability.
  double run(std::span<const float> emissions, std::span<const float> from_none, std::span<const float> transitions,
             std::size_t observed, std::size_t states, std::span<float> posteriors, std::span<float> none,
             JumpModel::Counts* jumps);

 private:
  std::vector<float> reached_, empty_, backward_, next_, scaled_;
};

}  // namespace dragoman
