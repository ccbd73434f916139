#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dragoman/collection/document.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/language.h"

namespace dragoman {

/// Gathers the words of documents and writes them as one inverted index (docs/formats/lexical.md). In memory: 12 bytes
/// for each different word of each document, 6 for each document, and every word once. Not thread-safe.
class LexicalSegmentBuilder {
 public:
  /// Documents come in ascending order. Numbers that are left out count as documents without words.
  /// @throws InvalidArgument if `document` does not follow the last one, a token is empty, or there are more than
  /// 65,535 languages; nothing is added then.
  void add(DocumentNumber document, const Language& language, std::span<const Token> tokens);

  /// Writes what was added; nothing is fine. The builder can go on and write again.
  /// @param stamp what made the tokens: Analyzer::version().
  /// @return size of the file in bytes.
  std::uint64_t write(const std::filesystem::path& path, std::string_view stamp) const;

 private:
  struct Occurrence {
    std::uint32_t term;
    DocumentNumber document;
    std::uint32_t frequency;
  };

  std::uint16_t language_ordinal(const Language& language);
  std::uint32_t term_number(const std::string& term);

  DocumentNumber first_document_ = 0;
  std::vector<std::uint32_t> lengths_;
  std::vector<std::uint16_t> document_languages_;
  std::vector<Language> languages_;
  std::map<std::string, std::uint16_t, std::less<>> language_ordinals_;
  std::unordered_map<std::string, std::uint32_t> terms_;  // In the order of their first occurrence.
  std::vector<Occurrence> occurrences_;                   // In the order of documents.
};

/// Documents that have a word, ascending, and how often each of them has it (at least once).
struct Postings {
  std::span<const DocumentNumber> documents;
  std::span<const std::uint32_t> frequencies;
};

/// A mapped inverted index of a range of documents. Thread-safe; views die with it.
class LexicalSegment {
 public:
  /// Verifies everything that a search relies on, so that no content of a file can make it read outside.
  /// @throws NotFound, or InvalidData if the file is damaged, inconsistent or of another stamp.
  ///
  /// O(bytes of the file).
  LexicalSegment(const std::filesystem::path& path, std::string_view stamp);

  const std::filesystem::path& path() const { return reader_.path(); }

  /// The documents are [first_document(), first_document() + document_count()).
  DocumentNumber first_document() const { return first_document_; }
  std::size_t document_count() const { return lengths_.size(); }

  /// Words of each document, repetitions included; by document number less first_document().
  std::span<const std::uint32_t> lengths() const { return lengths_; }

  /// Language of each document, as an index into languages().
  std::span<const std::uint16_t> document_languages() const { return document_languages_; }
  const std::vector<Language>& languages() const { return languages_; }

  std::size_t term_count() const { return term_offsets_.size() - 1; }

  /// Different words, in ascending order of bytes. `index` must be below term_count().
  std::string_view term(std::size_t index) const;

  /// Empty for an unknown word. O(log terms).
  Postings postings(std::string_view term) const;

 private:
  [[noreturn]] void refuse(std::string_view why) const;
  void check_documents();
  void check_terms() const;
  void check_postings() const;

  SegmentReader reader_;
  DocumentNumber first_document_ = 0;
  std::span<const std::uint32_t> lengths_;
  std::span<const std::uint16_t> document_languages_;
  std::vector<Language> languages_;
  std::span<const std::uint64_t> term_offsets_;  // [terms + 1], into term_bytes_.
  std::string_view term_bytes_;
  std::span<const std::uint64_t> posting_offsets_;  // [terms + 1], into both arrays below.
  std::span<const DocumentNumber> posting_documents_;
  std::span<const std::uint32_t> posting_frequencies_;
};

}  // namespace dragoman
