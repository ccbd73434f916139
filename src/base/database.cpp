#include "base/database.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

[[noreturn]] void fail(sqlite3* database, int code) {
  const char* file = sqlite3_db_filename(database, "main");
  const std::string place = file != nullptr && *file != '\0' ? file : "database";
  const std::string reason = sqlite3_errmsg(database);
  switch (code & 0xFF) {
    case SQLITE_FULL:
      throw Unavailable(fmt::format("{}: the disk is full; free some space and run the same command again", place));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Unavailable(fmt::format("{}: another process is writing; try again when it has finished", place));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw InvalidData(fmt::format("{}: damaged or not a database of Dragoman ({})", place, reason));
    default:
      throw Unavailable(fmt::format("{}: {} (code {})", place, reason, sqlite3_extended_errcode(database)));
  }
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  const int code = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
  if (code != SQLITE_OK) fail(database, code);
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_, parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_, parameter, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_, parameter, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3_reset(statement_);
  fail(database_, code);
}

void Statement::run() {
  step();
  reset();
}

void Statement::reset() { sqlite3_reset(statement_); }

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {data == nullptr ? "" : data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {data == nullptr ? "" : data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Database::Database(const std::filesystem::path& file, DatabaseAccess access) {
  // Reading also opens read-write where it may: a reader must be able to recover the log of a writer that was killed.
  const int flags =
      access == DatabaseAccess::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
  const int code = sqlite3_open_v2(file.c_str(), &database_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    const std::string reason = sqlite3_errmsg(database_);
    sqlite3_close(database_);
    throw Unavailable(fmt::format("{}: cannot be opened: {}", file.string(), reason));
  }
  sqlite3_busy_timeout(database_, 10'000);
}

Database::~Database() { sqlite3_close(database_); }

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(database_, code);
}

std::int64_t Database::pragma(const char* name) {
  Statement statement(database_, fmt::format("PRAGMA {}", name));
  return statement.step() ? statement.number(0) : 0;
}

// Nothing was written, so nothing can be lost; ROLLBACK also ends a transaction whose statements are still open.
Snapshot::~Snapshot() { sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr); }

Transaction::~Transaction() {
  // After a full disk SQLite may have rolled back by itself; then there is nothing to do, and the error is of no use.
  if (open_) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace dragoman
