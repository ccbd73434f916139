#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "base/database.h"
#include "base/file_lock.h"
#include "dragoman/collection/collection.h"

namespace dragoman {

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

  /// @throws InvalidData if it is no collection, or of a format that this program does not read.
  void check_schema() const;
  /// Makes the tables of a new collection, or those of an older format into today's.
  void prepare_schema();
  /// Lists a segment, with how many documents are there now.
  void insert_segment(const SegmentRecord& segment);
  /// Files of writers that were killed between writing and listing them.
  void remove_orphans();
};

}  // namespace dragoman
