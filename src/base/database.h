#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace dragoman {

/// A prepared statement. Parameters count from 1, columns from 0, as in SQLite.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(int parameter, std::int64_t value);
  /// The text must live until the next reset().
  Statement& bind(int parameter, std::string_view text);
  /// Bytes that are no text; they must live until the next reset().
  Statement& bind_blob(int parameter, std::string_view bytes);

  /// True while there is a row. @throws Unavailable (full disk, lock), InvalidData (damaged file).
  bool step();
  /// For statements without rows: runs it and makes it ready for the next time.
  void run();
  void reset();

  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view text(int column) const;
  /// Bytes that are no text; valid until the next step or reset.
  std::string_view blob(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

enum class DatabaseAccess { read, write };

/// One connection to a SQLite file. Not thread-safe.
class Database {
 public:
  /// @throws NotFound, Unavailable, InvalidData (damaged, or no database).
  Database(const std::filesystem::path& file, DatabaseAccess access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const char* sql);
  std::int64_t pragma(const char* name);
  sqlite3* get() const { return database_; }

 private:
  sqlite3* database_ = nullptr;
};

/// Statements in its lifetime see one and the same state of the database, whatever other processes write.
class Snapshot {
 public:
  explicit Snapshot(Database& database) : database_(database) { database_.execute("BEGIN"); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

 private:
  Database& database_;
};

/// All or nothing: rolls back unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace dragoman
