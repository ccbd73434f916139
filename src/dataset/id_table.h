#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dragoman {

/// Ids, each with the content it stood for and the place where it stood; exact, in bounded memory: SQLite keeps a
/// temporary database that spills to the disk. Not thread-safe.
class IdTable {
 public:
  IdTable();
  ~IdTable();

  struct Entry {
    std::uint64_t content = 0;  ///< A checksum of it, or whatever else the caller wants kept.
    std::string place;
  };

  /// Nothing if the id is new; else the entry it has had so far, which stays.
  std::optional<Entry> add(std::string_view id, std::uint64_t content, std::string_view place);
  std::optional<Entry> find(std::string_view id) const;
  bool contains(std::string_view id) const;
  std::uint64_t size() const { return size_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::uint64_t size_ = 0;
};

}  // namespace dragoman
