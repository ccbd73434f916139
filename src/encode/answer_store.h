#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/guarded_cache.h"

namespace dragoman {

/// Answers of one model, kept in the cache of encodings by all that was asked. Each value carries a checksum over
/// itself and its question, so a damaged one is asked for again. A cache never stops the work (guarded_cache.h).
/// Thread-safe.
class AnswerStore {
 public:
  /// Without a database nothing is kept. @param stamp All that changes an answer besides the question.
  AnswerStore(std::shared_ptr<EncodingDatabase> database, std::string model, std::string stamp);

  /// The cache in a folder, as GuardedCache opens it.
  AnswerStore(const std::filesystem::path& folder, std::uint64_t bytes, std::string model, std::string stamp);

  /// @param form what kind of answer, "choice"; @param question everything that was asked.
  std::optional<std::string> find(std::string_view form, std::string_view question);
  void keep(std::string_view form, std::string_view question, std::string_view answer);

  std::vector<std::string> notices() const { return cache_->notices(); }

 private:
  EncodingSource source(std::string_view form) const;

  std::unique_ptr<GuardedCache> cache_;
  std::string model_, stamp_;
};

}  // namespace dragoman
