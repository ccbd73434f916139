#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "dragoman/rerank/reranker.h"
#include "dragoman/retrieve/ranking.h"
#include "experiment/cost_meter.h"

namespace dragoman {

/// What one stage answered to one query.
struct JournalEntry {
  Ranking ranking;
  Cost cost;
  RerankReport rerank;  ///< All 0 for a first stage.
};

/// By query id.
using JournalEntries = std::map<std::string, JournalEntry, std::less<>>;

struct JournalContent {
  JournalEntries entries;
  std::uint64_t memory_bytes = 0;  ///< The most that was seen while the answers were made.
  std::size_t good_bytes = 0;      ///< Of the file; behind them begins what cannot be read.
};

/// The answers of one stage, query by query, kept in a file as they come: whoever is killed loses the answer that was
/// being made, no other. A line is a checksum and a JSON object; a line that was not written whole, or was damaged,
/// ends what is read, and is overwritten. Thread-safe.
class Journal {
 public:
  /// Opens or makes it for appending. @throws Unavailable if the file cannot be written.
  explicit Journal(std::filesystem::path path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Reads without changing anything; nothing where there is no file.
  static JournalContent read(const std::filesystem::path& path);

  bool holds(std::string_view query_id) const;

  /// Keeps one answer. @throws Unavailable if the disk is full.
  void add(const std::string& query_id, const JournalEntry& entry);

  /// Keeps the most memory that was seen while answers were made.
  void add_memory(std::uint64_t bytes);

 private:
  void append(std::string line);

  std::filesystem::path path_;
  int descriptor_ = -1;
  mutable std::mutex mutex_;
  JournalEntries entries_;
};

}  // namespace dragoman
