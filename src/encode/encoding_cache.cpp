#include "dragoman/encode/encoding_cache.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/environment.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/encoding_database.h"

namespace dragoman {

std::filesystem::path default_cache_folder() {
  if (const auto cache = environment("DRAGOMAN_CACHE"); !cache.empty()) {
    return cache == "off" ? std::filesystem::path() : std::filesystem::path(cache);
  }
  if (const auto cache = environment("XDG_CACHE_HOME"); !cache.empty())
    return std::filesystem::path(cache) / "dragoman";
  if (const auto home = environment("HOME"); !home.empty()) return std::filesystem::path(home) / ".cache" / "dragoman";
  return {};
}

EncodingCacheSummary encoding_cache_summary(const std::filesystem::path& cache) {
  const auto file = encoding_database_file(cache);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {.file = file, .encodings = 0, .bytes = 0, .models = {}};
  return EncodingDatabase(cache).summary();
}

EncodingCacheSummary encoding_cache_summary(const std::filesystem::path& cache, const std::string& model) {
  EncodingCacheSummary summary = encoding_cache_summary(cache);
  if (model.empty()) return summary;
  std::erase_if(summary.models, [&](const CachedModel& kept) { return kept.name != model; });
  if (summary.models.empty()) {
    throw NotFound(fmt::format("{}: nothing is kept of '{}'; see what is with: dragoman model cache",
                               summary.file.string(), printable(model)));
  }
  summary.encodings = summary.bytes = 0;
  for (const CachedModel& kept : summary.models) {
    summary.encodings += kept.encodings;
    summary.bytes += kept.bytes;
  }
  return summary;
}

EncodingCacheSummary clear_encoding_cache(const std::filesystem::path& cache, const std::string& model) {
  EncodingCacheSummary before = {.file = encoding_database_file(cache), .encodings = 0, .bytes = 0, .models = {}};
  if (!model.empty()) {
    before = encoding_cache_summary(cache, model);
    EncodingDatabase(cache).clear(model);
    return before;
  }
  std::error_code ignored;
  if (!std::filesystem::exists(before.file, ignored)) return before;
  try {
    EncodingDatabase database(cache);
    before = database.summary();
    database.clear();
  } catch (const InvalidData&) {
    if (is_other_database(before.file)) throw;
    before.bytes = std::filesystem::file_size(before.file, ignored);
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(std::filesystem::path(before.file) += end, ignored);
    }
  }
  return before;
}

}  // namespace dragoman
