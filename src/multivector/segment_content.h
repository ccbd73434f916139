#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/collection/segment_file.h"
#include "dragoman/multivector/multi_vector_segment.h"
#include "multivector/codebook.h"

namespace dragoman {

inline constexpr std::string_view kMultiVectorKind = "multivector";

/// What a segment's sections hold (docs/formats/multivector.md), verified.
struct MultiVectorContent {
  MultiVectorContent(const std::filesystem::path& path, std::string_view stamp);

  std::size_t passage_count() const { return documents.size(); }
  std::size_t first_vector(std::size_t passage) const { return passage_offsets[passage]; }
  std::size_t vectors_of(std::size_t passage) const { return passage_offsets[passage + 1] - passage_offsets[passage]; }
  Passage passage(std::size_t i) const { return {documents[i], {ranges[2 * i], ranges[2 * i + 1]}}; }
  const std::uint8_t* codes_of(std::size_t vector) const { return codes.data() + vector * codebook.code_bytes(); }
  /// Passages with a vector of this centroid, ascending.
  std::span<const std::uint32_t> list(std::size_t centroid) const {
    return lists.subspan(list_offsets[centroid], list_offsets[centroid + 1] - list_offsets[centroid]);
  }

  SegmentReader reader;
  CodebookView codebook;
  std::uint64_t codebook_id = 0;
  std::uint64_t file_bytes = 0;
  std::span<const std::uint32_t> documents;        ///< [passages].
  std::span<const std::uint64_t> ranges;           ///< [2 * passages].
  std::span<const std::uint64_t> passage_offsets;  ///< [passages + 1], into the vectors.
  std::span<const std::uint16_t> centroids;        ///< [vectors].
  std::span<const std::uint16_t> scales;           ///< [vectors].
  std::span<const std::uint8_t> codes;             ///< [vectors, codebook.code_bytes()].
  std::span<const std::uint64_t> list_offsets;     ///< [codebook.count + 1], into lists.
  std::span<const std::uint32_t> lists;

 private:
  bool read_codebook();
  bool passages_are_sound() const;
  bool lists_are_sound() const;
};

/// Passages with their compressed vectors, but for the codes, as they are gathered and written.
struct CompressedPassages {
  std::vector<std::uint32_t> documents;
  std::vector<std::uint64_t> ranges;
  std::vector<std::uint64_t> offsets = {0};
  std::vector<std::uint16_t> centroids, scales;

  void add(const Passage& passage, std::size_t vectors);
};

/// Begins a segment: the codebook's sections, then section "codes", to which the caller appends.
void begin_multi_vector_segment(SegmentWriter& writer, const CodebookView& codebook);

/// All else, and the inverted lists. Returns the file's size.
std::uint64_t finish_multi_vector_segment(SegmentWriter& writer, const CodebookView& codebook,
                                          const CompressedPassages& passages);

}  // namespace dragoman
