#pragma once

#include <cstdint>
#include <vector>

#include "dragoman/collection/document.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/text/language.h"

namespace dragoman {

/// What a segment that is being written says of its documents, in the order in which it keeps them.
struct SegmentDocuments {
  DocumentNumber first = 0;
  std::vector<std::uint32_t> lengths;
  std::vector<std::uint32_t> language_of;  ///< Into languages.
  std::vector<Language> languages;
  std::vector<std::uint32_t> order;  ///< Number less first, by document; empty: its own place.

  /// Writes the sections before the postings (docs/formats/lexical.md). Returns floor_length() of each length, which
  /// bounds are made of.
  std::vector<std::uint8_t> write(SegmentWriter& file) const;
};

}  // namespace dragoman
