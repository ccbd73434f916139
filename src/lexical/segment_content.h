#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/collection/document.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/text/language.h"
#include "lexical/block.h"
#include "lexical/dictionary.h"

namespace dragoman {

/// One small number for each document, in no more bytes than the largest possible one needs: none if there is no
/// choice.
class DocumentCodes {
 public:
  static std::size_t width_for(std::size_t choices) {
    return choices <= 1 ? 0 : choices <= 256 ? 1 : choices <= 65'536 ? 2 : 4;
  }

  DocumentCodes() = default;
  DocumentCodes(std::span<const std::byte> bytes, std::size_t width)
      : bytes_(reinterpret_cast<const std::uint8_t*>(bytes.data())), width_(width) {}

  std::uint32_t operator[](std::size_t document) const;

  static std::vector<std::uint8_t> pack(std::span<const std::uint32_t> codes, std::size_t width);

 private:
  const std::uint8_t* bytes_ = nullptr;
  std::size_t width_ = 0;
};

/// The sections of a lexical segment (docs/formats/lexical.md), verified. "Document" is a place in the segment's own
/// order everywhere here; number_of() gives the collection's number.
struct SegmentContent {
  SegmentContent(const std::filesystem::path& path, std::string_view stamp);

  SegmentReader reader;
  DocumentNumber first_document = 0;
  std::size_t document_count = 0;
  std::vector<Language> languages;
  std::span<const std::uint32_t> length_table;  ///< Lengths that occur, ascending.
  DocumentCodes lengths;                        ///< Into length_table.
  DocumentCodes document_languages;             ///< Into languages.
  std::span<const std::uint32_t> order;         ///< Number less first_document, by document; empty: its own place.
  std::span<const std::uint8_t> postings;
  std::span<const BlockHeader> headers;
  std::span<const LanguageCount> term_languages;
  Dictionary dictionary;
  std::uint32_t most_frequency = 0;  ///< Of all postings.
  bool has_positions = false;

  std::uint32_t length_of(std::size_t document) const {
    return length_table.empty() ? 0 : length_table[lengths[document]];
  }
  DocumentNumber number_of(std::uint32_t document) const {
    return first_document + (order.empty() ? document : order[document]);
  }

  /// Counts documents from `first` on. @throws InvalidData if their numbers go beyond 32 bits.
  void renumber(DocumentNumber first);

  PostingList find(std::string_view term) const;
  PostingList list_of(const DictionaryEntry& entry) const;

  [[noreturn]] void refuse(std::string_view why) const;

 private:
  void open_documents();
  void open_order();
  void open_postings();
};

}  // namespace dragoman
