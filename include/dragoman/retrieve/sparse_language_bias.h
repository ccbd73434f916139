#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/collection/collection.h"

namespace dragoman {

class SparseSegment;

/// Which dimensions of a collection's sparse vectors tell the language of a passage instead of what it says.
///
/// A dimension that is set in the passages of one language alone is rare, so idf holds it for telling, and lifts the
/// asker's own language. Of the variance of "is it set?" over passages, languages weighing the same, the part
///
///     told[t] = variance over languages of p[l, t]  /  (p[t] * (1 - p[t]))
///     p[l, t] = (passages of l with t + 20 * share of all passages with t) / (passages of l + 20)
///
/// is between languages (p[t]: the mean of p[l, t] over languages; the 20 keep a language of few passages from looking
/// peculiar). A query's weight of a dimension is taken times 1 - strength * told[t]: scores stay inner products with
/// the vectors as they are indexed, so that every search is as exact as without. docs/language-bias.md has what it
/// gains.
///
/// Languages are told apart by primary subtag and script, as LanguageBias does it. Thread-safe.
class SparseLanguageBias {
 public:
  /// @param languages of all documents of the segments; passages of those that were removed count for nothing, so the
  ///        result is that of a collection that never had them, however it is cut into segments.
  /// O(postings).
  static SparseLanguageBias fit(std::span<const std::shared_ptr<const SparseSegment>> segments,
                                const Collection::DocumentLanguages& languages);

  /// Keeps it in a segment (docs/formats/bias.md). @return size of the file.
  std::uint64_t write(const std::filesystem::path& path, std::string_view stamp) const;

  /// @throws NotFound, InvalidData as SegmentReader, and where the sections contradict one another.
  static SparseLanguageBias read(const std::filesystem::path& path, std::string_view stamp);

  /// What the dimension's weight in a query is to be multiplied by, in [0, 1]. @param strength in [0, 1].
  float factor(std::uint32_t dimension, float strength) const;

  friend bool operator==(const SparseLanguageBias&, const SparseLanguageBias&) = default;

 private:
  std::vector<std::uint32_t> dimensions_;  ///< Ascending; others tell nothing.
  std::vector<float> told_;                ///< Of each, in (0, 1].
};

}  // namespace dragoman
