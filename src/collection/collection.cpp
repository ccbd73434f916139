#include "dragoman/collection/collection.h"

#include <fmt/format.h>

#include <mutex>
#include <set>

#include "collection/collection_state.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::int64_t kApplication = 0x44524147;  // "DRAG", SQLite's application_id.
constexpr std::int64_t kSchema = 2;
constexpr std::int64_t kOldestSchema = 1;  // Without kFromFirst; nothing was ever removed from it.

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

// What format 2 has beyond 1. A segment's documents: how many it was made of; all that it covers where it says nothing.
// The index answers filters without reading texts.
constexpr const char* kFromFirst = R"(
  ALTER TABLE segments ADD COLUMN documents INTEGER;
  CREATE INDEX documents_by_metadata ON documents(metadata) WHERE metadata <> '{}';
)";

/// Setting: how many numbers were given out when a document was last removed.
constexpr const char* kNumbers = "numbers";

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

void Collection::State::check_schema() const {
  if (database.pragma("application_id") != kApplication) {
    throw InvalidData(fmt::format("{}: not a collection", folder.string()));
  }
  const auto schema = database.pragma("user_version");
  if (schema < kOldestSchema || schema > kSchema) {
    throw InvalidData(fmt::format("{}: collection format {} is not {} to {}, those this program reads", folder.string(),
                                  schema, kOldestSchema, kSchema));
  }
}

void Collection::State::prepare_schema() {
  const bool is_new = database.pragma("application_id") == 0 && database.pragma("schema_version") == 0;
  if (!is_new) {
    check_schema();
    if (database.pragma("user_version") == kSchema) return;
  }
  Transaction transaction(database);
  if (is_new) database.execute(kCreate);
  database.execute(kFromFirst);
  database.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplication, kSchema).c_str());
  transaction.commit();
}

void Collection::State::insert_segment(const SegmentRecord& segment) {
  Statement insert(database.get(),
                   "INSERT INTO segments(kind, first, count, file, stamp, bytes, documents) VALUES(?1,?2,?3,?4,?5,?6,"
                   "(SELECT count(*) FROM documents WHERE number>=?2 AND number<?2+?3))");
  const std::string file = segment.file.filename().string();
  insert.bind(1, segment.kind).bind(2, segment.first).bind(3, segment.count).bind(4, file);
  insert.bind(5, segment.stamp).bind(6, static_cast<std::int64_t>(segment.bytes)).run();
}

void Collection::State::remove_orphans() {
  std::set<std::string> listed;
  Statement rows(database.get(), "SELECT file FROM segments");
  while (rows.step()) listed.emplace(rows.text(0));
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "segments", ignored)) {
    if (!listed.contains(entry.path().filename().string())) std::filesystem::remove(entry.path(), ignored);
  }
}

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
  state->prepare_schema();
  state->remove_orphans();
  return Collection(std::move(state));
}

const std::filesystem::path& Collection::folder() const { return state_->folder; }

DocumentNumber Collection::size() const {
  const std::lock_guard lock(state_->mutex);
  Statement row(state_->database.get(),
                "SELECT max(ifnull((SELECT max(number) + 1 FROM documents), 0), "
                "ifnull((SELECT CAST(value AS INTEGER) FROM settings WHERE name=?), 0))");
  row.bind(1, kNumbers).step();
  return static_cast<DocumentNumber>(row.number(0));
}

DocumentNumber Collection::document_count() const {
  const std::lock_guard lock(state_->mutex);
  Statement row(state_->database.get(), "SELECT count(*) FROM documents");
  row.step();
  return static_cast<DocumentNumber>(row.number(0));
}

Collection::Added Collection::add(std::span<const Document> documents, Known known) {
  const std::lock_guard lock(state_->mutex);
  Database& database = state_->database;
  Added result;
  Transaction transaction(database);
  Statement insert(database.get(), fmt::format("INSERT INTO documents({}) VALUES(?,?,?,?,?,?,?) "
                                               "ON CONFLICT(id) DO NOTHING",
                                               kColumns));
  Statement remove(database.get(), "DELETE FROM documents WHERE id=?");
  std::int64_t next = size();
  const auto insert_next = [&](const Document& document) {
    insert.bind(1, next).bind(2, document.id).bind(3, document.title).bind(4, document.text);
    insert.bind(5, document.language.tag()).bind(6, std::int64_t{document.language_given}).bind(7, document.metadata);
    insert.run();
    const bool is_new = sqlite3_changes(database.get()) == 1;
    next += is_new;
    return is_new;
  };
  for (const Document& document : documents) {
    if (insert_next(document)) {
      ++result.added;
    } else if (same_content(document, this->document(*find(document.id)))) {
      ++result.unchanged;
    } else if (known == Known::replace) {
      remove.bind(1, document.id).run();
      insert_next(document);
      ++result.replaced;
    } else {
      throw InvalidData(
          fmt::format("document '{}' is already in {} with another content; replace it with --replace, give it another "
                      "id, or index into a new folder",
                      printable(document.id), state_->folder.string()));
    }
  }
  transaction.commit();
  return result;
}

Collection::Removed Collection::remove(std::span<const std::string> ids, Unknown unknown) {
  const std::lock_guard lock(state_->mutex);
  Database& database = state_->database;
  Removed result;
  Transaction transaction(database);
  const DocumentNumber numbers = size();
  std::set<std::string_view> seen;
  Statement remove(database.get(), "DELETE FROM documents WHERE id=?");
  for (const std::string& id : ids) {
    if (!seen.insert(id).second) continue;
    remove.bind(1, id).run();
    if (sqlite3_changes(database.get()) == 1) {
      ++result.removed;
    } else {
      result.unknown.push_back(id);
    }
  }
  if (!result.unknown.empty() && unknown == Unknown::refuse) {
    throw NotFound(fmt::format("{}: {} of {} ids are not in the collection, such as '{}'; nothing was deleted",
                               state_->folder.string(), result.unknown.size(), seen.size(),
                               printable(result.unknown.front())));
  }
  // The last number may be free now, and must not be given out again: segments have it.
  if (result.removed != 0) set_setting(kNumbers, std::to_string(numbers));
  transaction.commit();
  return result;
}

std::optional<Document> Collection::document_if_any(DocumentNumber number) const {
  const std::lock_guard lock(state_->mutex);
  static const std::string kSql = fmt::format("SELECT {} FROM documents WHERE number=?", kColumns);
  Statement& row = state_->prepared(state_->by_number, kSql.c_str());
  if (!row.bind(1, number).step()) return std::nullopt;
  Document document = read_document(row);
  row.reset();
  return document;
}

std::optional<std::string> Collection::document_id_if_any(DocumentNumber number) const {
  const std::lock_guard lock(state_->mutex);
  Statement& row = state_->prepared(state_->id_by_number, "SELECT id FROM documents WHERE number=?");
  if (!row.bind(1, number).step()) return std::nullopt;
  std::string id(row.text(0));
  row.reset();
  return id;
}

Document Collection::document(DocumentNumber number) const {
  if (auto document = document_if_any(number)) return *std::move(document);
  throw InvalidArgument(fmt::format("there is no document number {}", number));
}

std::string Collection::document_id(DocumentNumber number) const {
  if (auto id = document_id_if_any(number)) return *std::move(id);
  throw InvalidArgument(fmt::format("there is no document number {}", number));
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
  std::size_t count_live = 0;
  for (auto& [language, count] : language_counts()) {
    result.languages.push_back(std::move(language));
    count_live += count;
  }
  if (count_live < result.of.size()) result.live.resize(result.of.size());
  if (result.languages.empty() && !result.of.empty()) result.languages.emplace_back();
  Statement rows(state_->database.get(), "SELECT number FROM documents WHERE language=?");
  for (std::size_t ordinal = 0; ordinal < result.languages.size(); ++ordinal) {
    rows.bind(1, result.languages[ordinal].tag());
    while (rows.step()) {
      const auto number = static_cast<std::size_t>(rows.number(0));
      result.of[number] = static_cast<std::uint16_t>(ordinal);
      if (!result.live.empty()) result.live[number] = 1;
    }
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

std::filesystem::path Collection::merged_path(std::string_view kind, DocumentNumber first, DocumentNumber count) const {
  return state_->folder / "segments" / fmt::format("{}-{:010}-{:010}.seg", kind, first, first + count);
}

void Collection::add_segment(const SegmentRecord& segment) {
  const std::lock_guard lock(state_->mutex);
  Transaction transaction(state_->database);
  state_->insert_segment(segment);
  transaction.commit();
}

void Collection::replace_segments(const SegmentRecord& segment) {
  const std::lock_guard lock(state_->mutex);
  Transaction transaction(state_->database);
  Statement drop(state_->database.get(), "DELETE FROM segments WHERE kind=? AND first>=? AND first<?");
  drop.bind(1, segment.kind).bind(2, segment.first).bind(3, segment.first + std::int64_t{segment.count}).run();
  state_->insert_segment(segment);
  transaction.commit();
  state_->remove_orphans();
}

void Collection::renew_segment(const SegmentRecord& segment) {
  const std::lock_guard lock(state_->mutex);
  Statement update(state_->database.get(),
                   "UPDATE segments SET bytes=?, documents="
                   "(SELECT count(*) FROM documents WHERE number>=first AND number<first+count) "
                   "WHERE kind=? AND first=?");
  update.bind(1, static_cast<std::int64_t>(segment.bytes)).bind(2, segment.kind).bind(3, segment.first).run();
}

Collection::SegmentDocuments Collection::documents_in(const SegmentRecord& segment) const {
  const std::lock_guard lock(state_->mutex);
  if (state_->database.pragma("user_version") < kSchema) return {segment.count, 0};
  Statement row(state_->database.get(),
                "SELECT ifnull(documents, count), "
                "(SELECT count(*) FROM documents WHERE number>=first AND number<first+count) "
                "FROM segments WHERE kind=? AND first=?");
  if (!row.bind(1, segment.kind).bind(2, segment.first).step()) return {};
  return {static_cast<DocumentNumber>(row.number(0)), static_cast<DocumentNumber>(row.number(0) - row.number(1))};
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

void Collection::shrink() {
  const std::lock_guard lock(state_->mutex);
  state_->by_number.reset();
  state_->id_by_number.reset();
  state_->database.execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace dragoman
