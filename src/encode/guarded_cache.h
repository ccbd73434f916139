#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encode/encoding_database.h"

namespace dragoman {

/// The cache of encodings for work that it must never stop: what cannot be read is not there, what cannot be written is
/// forgotten, and notices() tells of it once. After some failures in a row it is left alone. Thread-safe.
class GuardedCache {
 public:
  /// @param database may be none: then nothing is kept. @param work that goes on without the cache, as notices say it:
  ///        "texts are encoded".
  GuardedCache(std::shared_ptr<EncodingDatabase> database, std::string work);

  /// Opens the cache in `folder`, if that is not empty; one that cannot be opened for want of space or rights is done
  /// without. @param bytes the cache may take; 0 for kDefaultCacheBytes.
  /// @throws InvalidData if it is damaged or none of ours.
  GuardedCache(const std::filesystem::path& folder, std::uint64_t bytes, std::string work);

  /// As EncodingDatabase, but for the errors. @return a value a text, none where there is none to be had.
  std::vector<std::optional<std::string>> read(const EncodingSource& source, std::span<const TextDigest> texts);
  void write(const EncodingSource& source, std::span<const EncodingDatabase::NewValue> values);

  std::vector<std::string> notices() const;

 private:
  template <typename Function>
  void attempt(std::string_view done, Function function);
  void note(std::string_view done, const std::exception& error);

  std::shared_ptr<EncodingDatabase> database_;
  std::string work_;
  std::atomic<int> failures_ = 0;  ///< In a row.
  mutable std::mutex mutex_;
  std::optional<std::string> notice_;
};

}  // namespace dragoman
