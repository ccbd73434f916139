#include "dragoman/collection/collection.h"

#include <fmt/format.h>

#include <mutex>
#include <set>

#include "base/database.h"
#include "base/file_lock.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::int64_t kApplication = 0x44524147;  // "DRAG", SQLite's application_id.
constexpr std::int64_t kSchema = 1;

constexpr const char* kCreate = R"(
  CREATE TABLE documents(
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL,
    language TEXT NOT NULL, language_given INTEGER NOT NULL, metadata TEXT NOT NULL);
  CREATE INDEX documents_by_language ON documents(language);  -- Covers both questions asked of all languages.
  CREATE TABLE segments(
    kind TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, file TEXT NOT NULL, stamp TEXT NOT NULL,
    bytes INTEGER NOT NULL, PRIMARY KEY(kind, first));
  CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL);
)";

constexpr const char* kColumns = "number, id, title, text, language, language_given, metadata";

Document read_document(const Statement& row) {
  return {.id = std::string(row.text(1)),
          .title = std::string(row.text(2)),
          .text = std::string(row.text(3)),
          .language = Language::parse(row.text(4)),
          .language_given = row.number(5) != 0,
          .metadata = std::string(row.text(6))};
}

bool same_content(const Document& a, const Document& b) {
  // What was identified is ours, not the corpus': another model may see it otherwise, and the first word stands.
  const bool same_language = a.language == b.language || (!a.language_given && !b.language_given);
  return a.title == b.title && a.text == b.text && same_language && a.metadata == b.metadata;
}

}  // namespace

struct Collection::State {
  State(std::filesystem::path where, DatabaseAccess access)
      : folder(std::move(where)), database(folder / "collection.sqlite", access) {}

  std::filesystem::path folder;
  std::unique_ptr<FileLock> lock;
  mutable std::recursive_mutex mutex;  // A connection serves one thread at a time; visitors may look things up.
  mutable Database database;

  // Statements of the hot paths, prepared on first use.
  mutable std::unique_ptr<Statement> by_number, id_by_number;

  Statement& prepared(std::unique_ptr<Statement>& slot, const char* sql) const {
    if (!slot) slot = std::make_unique<Statement>(database.get(), sql);
    slot->reset();
    return *slot;
  }

  void check_schema() {
    if (database.pragma("application_id") != kApplication) {
      throw InvalidData(fmt::format("{}: not a collection", folder.string()));
    }
    if (const auto schema = database.pragma("user_version"); schema != kSchema) {
      throw InvalidData(fmt::format("{}: collection format {} is not {}, the one this program reads", folder.string(),
                                    schema, kSchema));
    }
  }

  /// Files of writers that were killed between writing and listing them.
  void remove_orphans() {
    std::set<std::string> listed;
    Statement rows(database.get(), "SELECT file FROM segments");
    while (rows.step()) listed.emplace(rows.text(0));
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "segments", ignored)) {
      if (!listed.contains(entry.path().filename().string())) std::filesystem::remove(entry.path(), ignored);
    }
  }
};

Collection::Collection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Collection::Collection(Collection&&) noexcept = default;
Collection& Collection::operator=(Collection&&) noexcept = default;
Collection::~Collection() = default;

Collection Collection::open(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / "collection.sqlite")) {
    throw NotFound(fmt::format("{}: no collection here; make one with: dragoman index CORPUS --into {}",
                               folder.string(), folder.string()));
  }
  auto state = std::make_unique<State>(folder, DatabaseAccess::read);
  state->check_schema();
  return Collection(std::move(state));
}

Collection Collection::open_for_writing(const std::filesystem::path& folder) {
  make_folder(folder);
  make_folder(folder / "segments");
  auto lock = std::make_unique<FileLock>(folder / "lock");
  if (!lock->try_lock()) {
    throw Unavailable(
        fmt::format("{}: another process is writing this collection; try again when it has finished", folder.string()));
  }
  auto state = std::make_unique<State>(folder, DatabaseAccess::write);
  state->lock = std::move(lock);
  Database& database = state->database;
  // WAL: readers do not block the writer. FULL: a commit is on the disk when it returns.
  database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  if (database.pragma("application_id") == 0 && database.pragma("schema_version") == 0) {
    Transaction transaction(database);
    database.execute(kCreate);
    database.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplication, kSchema).c_str());
    transaction.commit();
  }
  state->check_schema();
  state->remove_orphans();
  return Collection(std::move(state));
}

const std::filesystem::path& Collection::folder() const { return state_->folder; }

DocumentNumber Collection::size() const {
  const std::lock_guard lock(state_->mutex);
  Statement row(state_->database.get(), "SELECT ifnull(max(number) + 1, 0) FROM documents");
  row.step();
  return static_cast<DocumentNumber>(row.number(0));
}

Collection::Added Collection::add(std::span<const Document> documents) {
  const std::lock_guard lock(state_->mutex);
  Database& database = state_->database;
  Added result;
  Transaction transaction(database);
  Statement insert(database.get(), fmt::format("INSERT INTO documents({}) VALUES(?,?,?,?,?,?,?) "
                                               "ON CONFLICT(id) DO NOTHING",
                                               kColumns));
  std::int64_t next = size();
  for (const Document& document : documents) {
    insert.bind(1, next).bind(2, document.id).bind(3, document.title).bind(4, document.text);
    insert.bind(5, document.language.tag()).bind(6, std::int64_t{document.language_given}).bind(7, document.metadata);
    insert.run();
    if (sqlite3_changes(database.get()) == 1) {
      ++result.added;
      ++next;
      continue;
    }
    if (!same_content(document, this->document(*find(document.id)))) {
      throw InvalidData(
          fmt::format("document '{}' is already in {} with another content; give it another id, or index "
                      "into a new folder",
                      printable(document.id), state_->folder.string()));
    }
    ++result.unchanged;
  }
  transaction.commit();
  return result;
}

Document Collection::document(DocumentNumber number) const {
  const std::lock_guard lock(state_->mutex);
  static const std::string kSql = fmt::format("SELECT {} FROM documents WHERE number=?", kColumns);
  Statement& row = state_->prepared(state_->by_number, kSql.c_str());
  if (!row.bind(1, number).step()) throw InvalidArgument(fmt::format("there is no document number {}", number));
  Document document = read_document(row);
  row.reset();
  return document;
}

std::string Collection::document_id(DocumentNumber number) const {
  const std::lock_guard lock(state_->mutex);
  Statement& row = state_->prepared(state_->id_by_number, "SELECT id FROM documents WHERE number=?");
  if (!row.bind(1, number).step()) throw InvalidArgument(fmt::format("there is no document number {}", number));
  std::string id(row.text(0));
  row.reset();
  return id;
}

std::optional<DocumentNumber> Collection::find(std::string_view id) const {
  const std::lock_guard lock(state_->mutex);
  Statement row(state_->database.get(), "SELECT number FROM documents WHERE id=?");
  if (!row.bind(1, id).step()) return std::nullopt;
  return static_cast<DocumentNumber>(row.number(0));
}

void Collection::for_each(DocumentNumber first, DocumentNumber count,
                          const std::function<bool(DocumentNumber, const Document&)>& visit) const {
  const std::lock_guard lock(state_->mutex);
  Statement rows(state_->database.get(),
                 fmt::format("SELECT {} FROM documents WHERE number>=? AND number<? ORDER BY number", kColumns));
  rows.bind(1, first).bind(2, std::int64_t{first} + count);
  while (rows.step()) {
    if (!visit(static_cast<DocumentNumber>(rows.number(0)), read_document(rows))) return;
  }
}

std::vector<std::pair<Language, DocumentNumber>> Collection::language_counts() const {
  const std::lock_guard lock(state_->mutex);
  Statement rows(state_->database.get(),
                 "SELECT language, count(*) FROM documents GROUP BY language ORDER BY language");
  std::vector<std::pair<Language, DocumentNumber>> counts;
  while (rows.step()) counts.emplace_back(Language::parse(rows.text(0)), static_cast<DocumentNumber>(rows.number(1)));
  return counts;
}

Collection::DocumentLanguages Collection::document_languages() const {
  const std::lock_guard lock(state_->mutex);
  const Snapshot snapshot(state_->database);
  DocumentLanguages result;
  result.of.resize(size());
  for (auto& [language, count] : language_counts()) result.languages.push_back(std::move(language));
  Statement rows(state_->database.get(), "SELECT number FROM documents WHERE language=?");
  for (std::size_t ordinal = 0; ordinal < result.languages.size(); ++ordinal) {
    rows.bind(1, result.languages[ordinal].tag());
    while (rows.step()) result.of[static_cast<std::size_t>(rows.number(0))] = static_cast<std::uint16_t>(ordinal);
    rows.reset();
  }
  return result;
}

std::vector<SegmentRecord> Collection::segments(std::string_view kind) const {
  const std::lock_guard lock(state_->mutex);
  Statement rows(state_->database.get(),
                 "SELECT first, count, file, stamp, bytes FROM segments WHERE kind=? ORDER BY first");
  rows.bind(1, kind);
  std::vector<SegmentRecord> segments;
  while (rows.step()) {
    segments.push_back({.kind = std::string(kind),
                        .file = state_->folder / "segments" / rows.text(2),
                        .stamp = std::string(rows.text(3)),
                        .first = static_cast<DocumentNumber>(rows.number(0)),
                        .count = static_cast<DocumentNumber>(rows.number(1)),
                        .bytes = static_cast<std::uint64_t>(rows.number(4))});
  }
  return segments;
}

std::filesystem::path Collection::segment_path(std::string_view kind, DocumentNumber first) const {
  return state_->folder / "segments" / fmt::format("{}-{:010}.seg", kind, first);
}

void Collection::add_segment(const SegmentRecord& segment) {
  const std::lock_guard lock(state_->mutex);
  Statement insert(state_->database.get(),
                   "INSERT INTO segments(kind, first, count, file, stamp, bytes) VALUES(?,?,?,?,?,?)");
  const std::string file = segment.file.filename().string();
  insert.bind(1, segment.kind).bind(2, segment.first).bind(3, segment.count).bind(4, file);
  insert.bind(5, segment.stamp).bind(6, static_cast<std::int64_t>(segment.bytes));
  insert.run();
}

void Collection::drop_segments(std::string_view kind) {
  const std::lock_guard lock(state_->mutex);
  Statement drop(state_->database.get(), "DELETE FROM segments WHERE kind=?");
  drop.bind(1, kind).run();
  state_->remove_orphans();
}

std::string Collection::setting(std::string_view name) const {
  const std::lock_guard lock(state_->mutex);
  Statement row(state_->database.get(), "SELECT value FROM settings WHERE name=?");
  return row.bind(1, name).step() ? std::string(row.text(0)) : std::string();
}

void Collection::set_setting(std::string_view name, std::string_view value) {
  const std::lock_guard lock(state_->mutex);
  Statement insert(
      state_->database.get(),
      "INSERT INTO settings(name, value) VALUES(?,?) ON CONFLICT(name) DO UPDATE SET value=excluded.value");
  insert.bind(1, name).bind(2, value).run();
}

}  // namespace dragoman
