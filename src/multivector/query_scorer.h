#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dragoman/multivector/max_sim.h"
#include "encode/forward/aligned.h"
#include "multivector/codebook.h"
#include "multivector/panel.h"
#include "multivector/segment_content.h"

namespace dragoman {

/// One query against what one codebook describes. Reused from query to query for its memory; not thread-safe.
class QueryScorer {
 public:
  explicit QueryScorer(const CodebookView& codebook);

  /// Scores all centroids. @param approximate whether approximate_score() will be asked.
  void prepare(MatrixView query, bool approximate);

  /// The `probes` best centroids of each token, of equals the first, each named once.
  const std::vector<std::uint16_t>& probed_centroids(std::size_t probes);

  /// MaxSim of the query and the passage's centroids, each score as one of 256 steps from the token's mean over all
  /// centroids up. @param passage has vectors.
  float approximate_score(const MultiVectorContent& content, std::size_t passage) const;

  /// MaxSim of the query and the passage's decompressed vectors. @param passage has vectors.
  float full_score(const MultiVectorContent& content, std::size_t passage);

 private:
  void quantize(std::size_t tokens);

  CodebookView codebook_;
  std::size_t tokens_ = 0, lanes_ = 0;
  std::optional<Panel> residual_panel_;
  AlignedVector<float> scores_;        // [centroids, lanes].
  AlignedVector<std::uint8_t> steps_;  // The same in steps.
  float step_ = 0, floor_ = 0;         // What a step is worth, and what no steps are.
  AlignedVector<float> best_;
  std::vector<std::uint16_t> probed_;
};

}  // namespace dragoman
