#include "dragoman/encode/encoding_cache.h"

#include <string>

#include "base/environment.h"
#include "dragoman/base/error.h"
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

EncodingCacheSummary clear_encoding_cache(const std::filesystem::path& cache) {
  EncodingCacheSummary before = {.file = encoding_database_file(cache), .encodings = 0, .bytes = 0, .models = {}};
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
