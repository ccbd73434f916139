#include <fmt/format.h>

#include "collection/collection_state.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/collection.h"

namespace dragoman {
namespace {

// Made when the first translation comes: programs that know nothing of it read the collection as ever. The trigger is
// theirs, too.
constexpr const char* kCreate = R"(
  CREATE TABLE IF NOT EXISTS translations(
    document INTEGER NOT NULL, language TEXT NOT NULL, translated INTEGER NOT NULL, title TEXT NOT NULL,
    text TEXT NOT NULL, route TEXT NOT NULL, stamp TEXT NOT NULL, made INTEGER NOT NULL,
    PRIMARY KEY(language, document));
  CREATE TRIGGER IF NOT EXISTS translations_go AFTER DELETE ON documents
    BEGIN DELETE FROM translations WHERE document=old.number; END;
)";

bool has_translations(Database& database) {
  Statement row(database.get(), "SELECT 1 FROM sqlite_master WHERE type='table' AND name='translations'");
  return row.step();
}

}  // namespace

void Collection::add_translations(std::span<const DocumentTranslation> translations) {
  const std::lock_guard lock(state_->mutex);
  Database& database = state_->database;
  Transaction transaction(database);
  database.execute(kCreate);
  Statement insert(
      database.get(),
      "INSERT OR REPLACE INTO translations(document, language, translated, title, text, route, stamp, made) "
      "SELECT number,?2,?3,?4,?5,?6,?7,?8 FROM documents WHERE number=?1");
  for (const DocumentTranslation& one : translations) {
    insert.bind(1, std::int64_t{one.document}).bind(2, one.to.tag()).bind(3, std::int64_t{one.translated});
    insert.bind(4, one.title).bind(5, one.text).bind(6, one.route).bind(7, one.stamp).bind(8, one.made).run();
    if (sqlite3_changes(database.get()) != 1) {
      throw InvalidArgument(fmt::format("{}: there is no document number {} to keep a translation of",
                                        state_->folder.string(), one.document));
    }
  }
  transaction.commit();
}

std::optional<DocumentTranslation> Collection::translation(DocumentNumber number, const Language& to) const {
  const std::lock_guard lock(state_->mutex);
  if (!has_translations(state_->database)) return std::nullopt;
  Statement row(state_->database.get(),
                "SELECT translated, title, text, route, stamp, made FROM translations WHERE language=? AND document=?");
  row.bind(1, to.tag()).bind(2, std::int64_t{number});
  if (!row.step()) return std::nullopt;
  return DocumentTranslation{.document = number,
                             .to = to,
                             .translated = row.number(0) != 0,
                             .title = std::string(row.text(1)),
                             .text = std::string(row.text(2)),
                             .route = std::string(row.text(3)),
                             .stamp = std::string(row.text(4)),
                             .made = row.number(5)};
}

std::vector<Collection::Untranslated> Collection::untranslated(const Language& to) const {
  const std::lock_guard lock(state_->mutex);
  const bool any = has_translations(state_->database);
  Statement rows(state_->database.get(),
                 fmt::format("SELECT number, language, length(CAST(title AS BLOB)) + length(CAST(text AS BLOB)) FROM "
                             "documents{} ORDER BY number",
                             any ? " WHERE NOT EXISTS(SELECT 1 FROM translations t WHERE t.language=? AND "
                                   "t.document=number)"
                                 : ""));
  if (any) rows.bind(1, to.tag());
  std::vector<Untranslated> documents;
  while (rows.step()) {
    const Language language = Language::parse(rows.text(1));
    if (same_written_language(language, to)) continue;
    documents.push_back(
        {static_cast<DocumentNumber>(rows.number(0)), language, static_cast<std::uint64_t>(rows.number(2))});
  }
  return documents;
}

std::vector<std::uint8_t> Collection::translated(const Language& to) const {
  const DocumentNumber numbers = size();
  const std::lock_guard lock(state_->mutex);
  std::vector<std::uint8_t> of;
  if (!has_translations(state_->database)) return of;
  Statement rows(state_->database.get(), "SELECT document FROM translations WHERE language=? AND translated<>0");
  rows.bind(1, to.tag());
  while (rows.step()) {
    const auto number = static_cast<std::size_t>(rows.number(0));
    if (of.empty()) of.resize(numbers);
    if (number < of.size()) of[number] = 1;
  }
  return of;
}

std::vector<TranslationCount> Collection::translation_counts() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<TranslationCount> counts;
  if (!has_translations(state_->database)) return counts;
  Statement rows(
      state_->database.get(),
      "SELECT d.language, t.language, t.route, t.translated, count(*) FROM translations t JOIN documents d ON "
      "d.number=t.document GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4");
  while (rows.step()) {
    counts.push_back({Language::parse(rows.text(0)), Language::parse(rows.text(1)), std::string(rows.text(2)),
                      rows.number(3) != 0, static_cast<DocumentNumber>(rows.number(4))});
  }
  return counts;
}

void Collection::forget_translations(const Language& to, Forget forget) {
  const std::lock_guard lock(state_->mutex);
  if (!has_translations(state_->database)) return;
  Statement remove(state_->database.get(), fmt::format("DELETE FROM translations WHERE language=?{}",
                                                       forget == Forget::failures ? " AND translated=0" : ""));
  remove.bind(1, to.tag()).run();
}

}  // namespace dragoman
