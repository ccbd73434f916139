#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "lexical/length_norms.h"

namespace dragoman {

/// What a document's length in a field makes of a frequency there: 1 / (k1 * (1 - b + b * length / average)), with the
/// average of the document's group.
struct InverseNorms {
  std::vector<std::vector<float>> by_part;    ///< Of each document, by part.
  std::array<float, kLengthCodes> most = {};  ///< By floor_length(): no longer document has more, in any group.
};

/// Documents of one field.
struct FieldLengths {
  std::vector<std::shared_ptr<const LexicalSegment>> segments;  ///< By part.
  std::vector<DocumentGroup> groups;                            ///< With words in this field.
  DocumentGroup pool;
};

/// Those of the last few settings, as in LengthNormCache. Thread-safe.
class InverseNormCache {
 public:
  /// @param field   its number, for which `lengths` are always the same.
  /// @param groups  of each document, by part.
  /// @param b       of the field; none: that of the language or of all.
  std::shared_ptr<const InverseNorms> find(std::size_t field, const FieldLengths& lengths,
                                           std::span<const std::vector<std::uint16_t>> groups,
                                           const Bm25Options& options, std::optional<float> b);

 private:
  struct Key {
    std::size_t field;
    float k1, b;
    std::optional<float> own_b;
    LexicalStatistics statistics;
    std::vector<LanguageBm25> by_language;

    bool operator==(const Key&) const = default;
  };
  RecentlyUsed<Key, InverseNorms> norms_{32};  // By field, one for a search's settings and a few others.
};

}  // namespace dragoman
