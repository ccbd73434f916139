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
#include "dragoman/collection/document_filter.h"

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

/// What somebody made of a document in another language.
struct DocumentTranslation {
  DocumentNumber document = 0;
  Language to;
  bool translated = false;  ///< False: it was tried, and there is no translation; title and text are empty.
  std::string title = {}, text = {};
  std::string route = {};  ///< By whom: "apertium:spa-eng".
  std::string stamp = {};  ///< Translator::stamp().
  std::int64_t made = 0;   ///< Seconds since 1970, UTC.
};

/// How many documents of a language a route translated into another.
struct TranslationCount {
  Language from, to;
  std::string route;
  bool translated = false;
  DocumentNumber documents = 0;
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
/// A reader sees what has been committed when it asks. A document never changes its number or text; one that is removed
/// leaves its number behind, which no other ever gets. Thread-safe.
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

  /// How many numbers were given to documents so far: every document's number is below, those of removed ones too.
  DocumentNumber size() const;
  /// Number of documents that are there. O(documents).
  DocumentNumber document_count() const;

  struct Added {
    std::size_t added = 0;
    std::size_t unchanged = 0;  ///< Were there already, with the same content.
    std::size_t replaced = 0;   ///< Were there with another content, which is gone.
  };
  /// What to do with a document whose id is there already with another content.
  enum class Known {
    refuse,
    replace,  ///< The old one is removed, and the new one gets a number of its own.
  };
  /// Adds documents in one transaction: all or none.
  /// @throws InvalidData if an id is there already with another content, naming it, unless `known` says replace.
  /// @throws Unavailable if the disk is full; nothing of this call is kept then.
  Added add(std::span<const Document> documents, Known known = Known::refuse);

  struct Removed {
    std::size_t removed = 0;
    std::vector<std::string> unknown;  ///< Ids that were not there, in the order given.
  };
  /// What to do with an id that is not there.
  enum class Unknown { refuse, skip };
  /// Removes documents in one transaction: all or none. An id that is given twice counts once. Index segments keep what
  /// they have of them; searches leave it out (document_languages() says what is there).
  /// @throws NotFound if ids are not there, naming the first, unless `unknown` says skip.
  /// @throws Unavailable if the disk is full.
  Removed remove(std::span<const std::string> ids, Unknown unknown = Unknown::refuse);

  /// @throws InvalidArgument if there is no such number.
  Document document(DocumentNumber number) const;
  std::string document_id(DocumentNumber number) const;
  std::optional<DocumentNumber> find(std::string_view id) const;
  /// None if the document was removed.
  std::optional<Document> document_if_any(DocumentNumber number) const;
  std::optional<std::string> document_id_if_any(DocumentNumber number) const;

  /// Calls `visit(number, document)` for documents [first, first + count) in order, without removed ones; stops early
  /// if it returns false.
  void for_each(DocumentNumber first, DocumentNumber count,
                const std::function<bool(DocumentNumber, const Document&)>& visit) const;

  /// The languages that occur, with the number of documents of each, by tag.
  std::vector<std::pair<Language, DocumentNumber>> language_counts() const;
  /// The language of every document, all as of one moment, whatever a writer does meanwhile. 2 bytes a document, or 3.
  struct DocumentLanguages {
    std::vector<Language> languages;  ///< That occur, by tag; "und" if every document was removed.
    std::vector<std::uint16_t> of;    ///< By document number: an index into `languages`; 0 for removed ones.
    /// By document number: 1 if it is there, 0 if it was removed. Empty if none was.
    std::vector<std::uint8_t> live = {};

    bool is_live(DocumentNumber number) const { return number < of.size() && (live.empty() || live[number] != 0); }
  };
  DocumentLanguages document_languages() const;

  /// Keeps translations of documents, in one transaction, each in the place of another into the same language. They go
  /// with their documents. @throws InvalidArgument for a document that is not there; Unavailable if the disk is full.
  void add_translations(std::span<const DocumentTranslation> translations);
  /// None if none was kept.
  std::optional<DocumentTranslation> translation(DocumentNumber number, const Language& to) const;
  /// Documents whose translation into a language was never tried, in order, with their language and the bytes of title
  /// and text. Those that are in that language, whatever region, are none of them. O(documents).
  struct Untranslated {
    DocumentNumber document = 0;
    Language language;
    std::uint64_t bytes = 0;
  };
  std::vector<Untranslated> untranslated(const Language& to) const;
  /// By document number: 1 for those that have a translation into the language. Empty if none has.
  std::vector<std::uint8_t> translated(const Language& to) const;
  /// All that were kept, by languages and route.
  std::vector<TranslationCount> translation_counts() const;
  /// Forgets which documents have no translation, or all translations into a language.
  enum class Forget { failures, all };
  void forget_translations(const Language& to, Forget forget);

  /// By document number: 1 for documents whose metadata meets all conditions, 0 for others and for removed ones.
  /// O(documents), a microsecond for each that has metadata; texts are not read.
  std::vector<std::uint8_t> matching(std::span<const MetadataCondition> conditions) const;

  /// Live segments of one kind, by first document.
  std::vector<SegmentRecord> segments(std::string_view kind) const;
  /// Where a new segment's file belongs.
  std::filesystem::path segment_path(std::string_view kind, DocumentNumber first) const;
  /// The same for one that is to take the place of several, whose files are live beside it until then.
  std::filesystem::path merged_path(std::string_view kind, DocumentNumber first, DocumentNumber count) const;
  /// Makes a finished segment file live.
  void add_segment(const SegmentRecord& segment);
  /// The same, in the place of all segments of its kind that begin within its documents, whose files are removed: a
  /// reader sees them or it, never both.
  void replace_segments(const SegmentRecord& segment);
  struct SegmentDocuments {
    DocumentNumber made_of = 0;  ///< Documents that were there when the segment was made.
    DocumentNumber removed = 0;  ///< Of them, since.
  };
  SegmentDocuments documents_in(const SegmentRecord& segment) const;
  /// Tells that a live segment's file was made again, of the documents that are there now.
  void renew_segment(const SegmentRecord& segment);
  /// Takes all segments of one kind out of the list and removes their files.
  void drop_segments(std::string_view kind);

  /// Small facts that travel with the collection ("encoder"), or "" if not set.
  std::string setting(std::string_view name) const;
  void set_setting(std::string_view name, std::string_view value);

  /// Gives the room of removed documents back to the disk. O(bytes of the database), which needs as much room again
  /// meanwhile. @throws Unavailable if there is not so much.
  void shrink();

 private:
  struct State;
  explicit Collection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
