#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "lexical/scorer.h"

namespace dragoman {

/// Query likelihood with Dirichlet smoothing, a word's share of it: weight * max(0, ln(1 + tf * inverse) + norm).
class DirichletScorer : public Scorer {
 public:
  struct Settings {
    float weight = 1;  ///< Times in the query, in steps.
    /// 1 / (mu * p): p is the word's share of all words, by group of documents; one where documents are pooled.
    std::vector<double> inverses = {};
    std::span<const std::uint16_t> groups = {};  ///< By document; not used with one inverse.
    std::array<double, 8> place_inverses = {};   ///< The highest that each bit of a header's languages stands for.
    std::uint32_t most_frequency = 1;            ///< Of the word in any live document; higher ones count as this.
    std::span<const float> norms = {};           ///< By document: ln(mu / (mu + length)).
    const std::array<float, kLengthCodes>* least_norms = nullptr;  ///< By floor_length().
  };

  explicit DirichletScorer(Settings settings);

  void score(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
             std::int32_t* out) const override;
  std::int32_t score(std::uint32_t document, std::uint32_t frequency) const override;
  void bound(std::span<const BlockHeader> headers, std::int32_t* out) const override;

 private:
  static constexpr std::uint32_t kTable = 16;

  std::int32_t share(float gain, float norm) const;

  Settings settings_;
  std::vector<float> gains_;  // ln(1 + tf * inverse) for tf from 1 to 16, by group.
};

}  // namespace dragoman
