#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/collection/document.h"
#include "dragoman/text/analyzer.h"
#include "dragoman/text/language.h"

namespace dragoman {

class SegmentWriter;

/// In which order a segment keeps its documents. Their numbers, and what a search returns, do not depend on it.
enum class DocumentOrder {
  as_added,   ///< That of their numbers.
  bisection,  ///< Documents with the same words beside one another: smaller and, for top-k, faster; slower to build.
};

struct LexicalBuildOptions {
  /// Words and postings kept in memory, in bytes; beyond, they are put into nameless files in `spill_folder`, and
  /// merged when the segment is written. Documents take 8 bytes each beside it. The segment is the same for any value.
  std::size_t memory_bytes = std::size_t{256} << 20;
  std::filesystem::path spill_folder = {};  ///< Empty: the system's folder for temporary files.
  DocumentOrder order = DocumentOrder::as_added;
  /// In place of `order`: that of another segment of the same documents, its LexicalSegment::order(). Segments of the
  /// fields of documents must agree.
  std::vector<std::uint32_t> given_order = {};
  std::size_t threads = 0;         ///< To find the order by bisection; 0 for all processors.
  ProgressCallback progress = {};  ///< While the segment is written: stage "write", in postings.
  /// Keep where in its document each word stands (token_positions()), for phrases and proximity. The file is
  /// about half as large again then.
  bool positions = false;
};

/// A word of a document with how often it has it, or with a quantised weight in the place of that.
struct TermFrequency {
  std::string_view term;
  std::uint32_t frequency = 1;  ///< At least 1.
};

/// Gathers the words of documents and writes them as one inverted index (docs/formats/lexical.md), in bounded memory.
/// Not thread-safe.
class LexicalSegmentBuilder {
 public:
  explicit LexicalSegmentBuilder(LexicalBuildOptions options = {});
  ~LexicalSegmentBuilder();
  LexicalSegmentBuilder(LexicalSegmentBuilder&&) noexcept;
  LexicalSegmentBuilder& operator=(LexicalSegmentBuilder&&) noexcept;

  /// Documents come in ascending order. Numbers that are left out count as documents without words.
  /// @throws InvalidArgument if `document` does not follow the last one, a token is empty, or there are more than
  /// 65,535 languages; nothing is added then. Unavailable if words must be put on the disk and it is full.
  void add(DocumentNumber document, const Language& language, std::span<const Token> tokens);

  /// The same for words without places: each stands behind the one before it.
  void add_words(DocumentNumber document, const Language& language, std::span<const std::string_view> words);

  /// The same for words that were counted, or weighed, elsewhere (learned sparse vectors: quantised weights). The
  /// document's length is the sum. A word that comes twice is added up. @throws InvalidArgument for a frequency of 0,
  /// or if positions are to be kept, which these have not.
  void add_weighted(DocumentNumber document, const Language& language, std::span<const TermFrequency> terms);

  /// Writes what was added; nothing is fine. The builder can go on and write again.
  /// @param stamp what made the tokens: Analyzer::version().
  /// @param add_more called before the file is complete, for sections of whoever builds on this index.
  /// @return size of the file in bytes.
  /// @throws InvalidArgument if the options' given_order is of another number of documents.
  std::uint64_t write(const std::filesystem::path& path, std::string_view stamp,
                      const std::function<void(SegmentWriter&)>& add_more = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Documents that have a word, ascending, and how often each of them has it (at least once).
struct Postings {
  std::vector<DocumentNumber> documents;
  std::vector<std::uint32_t> frequencies;
  std::vector<std::vector<std::uint32_t>> positions;  ///< By document, ascending; none if the segment has none.
};

struct SegmentContent;

/// A mapped inverted index of a range of documents. Thread-safe.
class LexicalSegment {
 public:
  /// Verifies everything that a search relies on, so that no content of a file can make it read outside, or miss a
  /// document by a wrong bound.
  /// @throws NotFound, or InvalidData if the file is damaged, inconsistent or of another stamp.
  ///
  /// O(bytes of the file): every posting is unpacked once, 100 million a second or so.
  /// @param first number of the first document, if not the file's own.
  LexicalSegment(const std::filesystem::path& path, std::string_view stamp,
                 std::optional<DocumentNumber> first = std::nullopt);
  ~LexicalSegment();

  const std::filesystem::path& path() const;

  /// The documents are [first_document(), first_document() + document_count()).
  DocumentNumber first_document() const;
  std::size_t document_count() const;

  /// Number of each document less first_document(), in the order in which the segment keeps them; empty if that is the
  /// order of their numbers.
  std::span<const std::uint32_t> order() const;

  /// Words of each document, repetitions included; by document number less first_document(). O(documents).
  std::vector<std::uint32_t> lengths() const;

  /// Language of each document, as an index into languages(). O(documents).
  std::vector<std::uint32_t> document_languages() const;
  const std::vector<Language>& languages() const;

  /// Was it built with positions?
  bool has_positions() const;

  std::size_t term_count() const;

  /// Different words, in ascending order of bytes. `index` must be below term_count().
  std::string term(std::size_t index) const;

  /// All postings of a word, unpacked; none for an unknown word. For a look, not for search.
  Postings postings(std::string_view term) const;

  /// For the search within this library.
  const SegmentContent& content() const { return *content_; }

 private:
  std::unique_ptr<const SegmentContent> content_;
};

}  // namespace dragoman
