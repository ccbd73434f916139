#include "encode/guarded_cache.h"

#include <fmt/format.h>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

/// So many failures one after another, and the cache is left alone: each may have cost ten seconds of waiting.
constexpr int kMostFailures = 3;

}  // namespace

GuardedCache::GuardedCache(std::shared_ptr<EncodingDatabase> database, std::string work)
    : database_(std::move(database)), work_(std::move(work)) {}

GuardedCache::GuardedCache(const std::filesystem::path& folder, std::uint64_t bytes, std::string work)
    : work_(std::move(work)) {
  if (folder.empty()) return;
  EncodingDatabaseOptions limits;
  if (bytes != 0) limits.max_bytes = bytes;
  try {
    database_ = std::make_shared<EncodingDatabase>(folder, std::move(limits));
  } catch (const Unavailable& error) {
    note("opened", error);
  }
}

std::vector<std::optional<std::string>> GuardedCache::read(const EncodingSource& source,
                                                           std::span<const TextDigest> texts) {
  std::vector<std::optional<std::string>> values(texts.size());
  attempt("read", [&] { values = database_->read(source, texts); });
  return values;
}

void GuardedCache::write(const EncodingSource& source, std::span<const EncodingDatabase::NewValue> values) {
  attempt("written", [&] { database_->write(source, values); });
}

std::vector<std::string> GuardedCache::notices() const {
  const std::lock_guard lock(mutex_);
  return notice_ ? std::vector<std::string>{*notice_} : std::vector<std::string>{};
}

template <typename Function>
void GuardedCache::attempt(std::string_view done, Function function) {
  if (!database_ || failures_ >= kMostFailures) return;
  try {
    function();
    failures_ = 0;
  } catch (const Error& error) {
    ++failures_;
    note(done, error);
  }
}

void GuardedCache::note(std::string_view done, const std::exception& error) {
  const std::lock_guard lock(mutex_);
  if (!notice_) notice_ = fmt::format("the cache cannot be {}, so {} without it: {}", done, work_, error.what());
}

}  // namespace dragoman
