#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lexical/posting_writer.h"
#include "lexical/scorer.h"

namespace dragoman {

/// What a document's length makes of its scores: k1 * (1 - b + b * length / average) for BM25, with the average of the
/// document's group; ln(mu / (mu + length)) for query likelihood.
struct LengthNorms {
  std::vector<std::vector<float>> by_part;  ///< Of each document, by part.
  std::array<float, kLengthCodes> least =
      {};  ///< By floor_length(): no longer document scores more with its own, in any group.
};

/// What BM25 holds a word to be worth that `df` of so many documents have; either may be an estimate.
double idf(double documents, double df);

/// BM25 where one weight serves all documents that have the word.
class Bm25Scorer : public Scorer {
 public:
  Bm25Scorer(float weight, std::span<const float> norms, const std::array<float, kLengthCodes>& least_norms)
      : weight_(weight), norms_(norms), least_norms_(least_norms) {}

  void score(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
             std::int32_t* out) const override;
  std::int32_t score(std::uint32_t document, std::uint32_t frequency) const override;
  void bound(std::span<const BlockHeader> headers, std::int32_t* out) const override;

 private:
  float weight_;
  std::span<const float> norms_;
  const std::array<float, kLengthCodes>& least_norms_;
};

/// BM25 where the weight depends on the document's group.
class GroupedBm25Scorer : public Scorer {
 public:
  /// @param weights       by group.
  /// @param groups        by document.
  /// @param place_weights the highest weight that each bit of a header's languages stands for.
  GroupedBm25Scorer(std::vector<float> weights, std::span<const std::uint16_t> groups,
                    const std::array<float, 8>& place_weights, std::span<const float> norms,
                    const std::array<float, kLengthCodes>& least_norms)
      : weights_(std::move(weights)),
        groups_(groups),
        place_weights_(place_weights),
        norms_(norms),
        least_norms_(least_norms) {}

  void score(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
             std::int32_t* out) const override;
  std::int32_t score(std::uint32_t document, std::uint32_t frequency) const override;
  void bound(std::span<const BlockHeader> headers, std::int32_t* out) const override;

 private:
  std::vector<float> weights_;
  std::span<const std::uint16_t> groups_;
  std::array<float, 8> place_weights_;
  std::span<const float> norms_;
  const std::array<float, kLengthCodes>& least_norms_;
};

}  // namespace dragoman
