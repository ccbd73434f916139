#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/collection/document.h"

namespace dragoman {

/// A live index segment: which documents it covers, and what made it.
struct SegmentRecord {
  std::string kind;            ///< "lexical", "dense".
  std::filesystem::path file;  ///< Absolute or relative to the working folder, as the collection was opened.
  std::string stamp;           ///< What made it; see SegmentWriter.
  DocumentNumber first = 0;    ///< Covers documents [first, first + count).
  DocumentNumber count = 0;
  std::uint64_t bytes = 0;
};

/// A folder of documents and the indexes derived from them.
///
///     DIR/collection.sqlite   documents, settings, the list of live segments
///     DIR/segments/*.seg      immutable index files
///     DIR/lock                held by the one process that writes
///
/// A document is on the disk when add() returns. Whoever is killed at any moment loses nothing of that: SQLite's log is
/// recovered by the next one who opens the folder, and segment files nobody lists are removed by the next writer.
///
/// A reader sees what has been committed when it asks; documents never change their number or text. Thread-safe.
class Collection {
 public:
  /// @throws NotFound: "DIR: no collection here; make one with: dragoman index CORPUS --into DIR".
  /// @throws InvalidData if it is damaged or made by a newer version.
  static Collection open(const std::filesystem::path& folder);

  /// Opens for writing, and makes the folder if there is none.
  /// @throws Unavailable if another process is writing, or the folder cannot be made.
  static Collection open_for_writing(const std::filesystem::path& folder);

  Collection(Collection&&) noexcept;
  Collection& operator=(Collection&&) noexcept;
  ~Collection();

  const std::filesystem::path& folder() const;

  /// Number of documents.
  DocumentNumber size() const;

  struct Added {
    std::size_t added = 0;
    std::size_t unchanged = 0;  ///< Were there already, with the same content.
  };
  /// Adds documents in one transaction: all or none.
  /// @throws InvalidData if an id is there already with another content, naming it.
  /// @throws Unavailable if the disk is full; nothing of this call is kept then.
  Added add(std::span<const Document> documents);

  /// @throws InvalidArgument if there is no such number.
  Document document(DocumentNumber number) const;
  std::string document_id(DocumentNumber number) const;
  std::optional<DocumentNumber> find(std::string_view id) const;

  /// Calls `visit(number, document)` for documents [first, first + count) in order; stops early if it returns false.
  void for_each(DocumentNumber first, DocumentNumber count,
                const std::function<bool(DocumentNumber, const Document&)>& visit) const;

  /// The languages that occur, with the number of documents of each, by tag.
  std::vector<std::pair<Language, DocumentNumber>> language_counts() const;
  /// The language of every document, all as of one moment, whatever a writer adds meanwhile. 2 bytes a document.
  struct DocumentLanguages {
    std::vector<Language> languages;  ///< That occur, by tag.
    std::vector<std::uint16_t> of;    ///< By document number: an index into `languages`.
  };
  DocumentLanguages document_languages() const;

  /// Live segments of one kind, by first document.
  std::vector<SegmentRecord> segments(std::string_view kind) const;
  /// Where a new segment's file belongs.
  std::filesystem::path segment_path(std::string_view kind, DocumentNumber first) const;
  /// Makes a finished segment file live.
  void add_segment(const SegmentRecord& segment);
  /// Takes all segments of one kind out of the list and removes their files.
  void drop_segments(std::string_view kind);

  /// Small facts that travel with the collection ("encoder"), or "" if not set.
  std::string setting(std::string_view name) const;
  void set_setting(std::string_view name, std::string_view value);

 private:
  struct State;
  explicit Collection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
