#include "dataset/id_table.h"

#include "base/database.h"

namespace dragoman {

struct IdTable::State {
  State() : database("", DatabaseAccess::write) {
    database.execute(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;"
        "CREATE TABLE ids(id TEXT PRIMARY KEY, content INTEGER, place TEXT) WITHOUT ROWID");
    insert = std::make_unique<Statement>(database.get(), "INSERT OR IGNORE INTO ids VALUES(?,?,?)");
    select = std::make_unique<Statement>(database.get(), "SELECT content, place FROM ids WHERE id=?");
  }
  Database database;
  std::unique_ptr<Statement> insert, select;
};

IdTable::IdTable() : state_(std::make_unique<State>()) {}
IdTable::~IdTable() = default;

std::optional<IdTable::Entry> IdTable::add(std::string_view id, std::uint64_t content, std::string_view place) {
  state_->insert->bind(1, id).bind(2, static_cast<std::int64_t>(content)).bind(3, place).run();
  if (sqlite3_changes(state_->database.get()) != 1) return find(id);
  ++size_;
  return std::nullopt;
}

std::optional<IdTable::Entry> IdTable::find(std::string_view id) const {
  std::optional<Entry> entry;
  state_->select->bind(1, id);
  if (state_->select->step()) {
    entry = {static_cast<std::uint64_t>(state_->select->number(0)), std::string(state_->select->text(1))};
  }
  state_->select->reset();
  return entry;
}

bool IdTable::contains(std::string_view id) const {
  state_->select->bind(1, id);
  const bool found = state_->select->step();
  state_->select->reset();
  return found;
}

}  // namespace dragoman
