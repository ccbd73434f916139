#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "lexical/word_statistics.h"

namespace dragoman {

/// What nearness of a query's words adds to the documents that a search found, as Bm25Index::search() says it.
/// Thread-safe.
class Proximity {
 public:
  /// `statistics` must outlive this.
  explicit Proximity(const WordStatistics& statistics) : statistics_(statistics) {}

  /// Adds it to the best `options.proximity_depth` of some documents, and orders all anew.
  void add_to(std::vector<ScoredDocument>& documents, std::span<const WeightedWord> query, const Bm25Options& options,
              const LengthNorms& length_norms) const;

 private:
  /// Place of a document in its segment's own order. The first time O(documents), and 4 bytes for each are kept.
  std::uint32_t place_of(std::size_t part, std::uint32_t number) const;

  const WordStatistics& statistics_;
  mutable std::mutex mutex_;
  mutable std::vector<std::vector<std::uint32_t>> places_;  // By part and number, where asked for: in its own order.
};

}  // namespace dragoman
