#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace dragoman {

/// What was made for the last few keys. Thread-safe; while one is made, others wait.
template <typename Key, typename Value>
class RecentlyUsed {
 public:
  explicit RecentlyUsed(std::size_t kept) : kept_(kept) {}

  /// @param make makes a value; called if there is none for the key.
  template <typename Make>
  std::shared_ptr<const Value> find(Key key, Make make) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(entries_, key, &Entry::key);
    if (found != entries_.end()) {
      std::rotate(found, found + 1, entries_.end());
      return entries_.back().value;
    }
    auto value = std::make_shared<const Value>(make());
    if (entries_.size() == kept_) entries_.erase(entries_.begin());
    entries_.push_back({std::move(key), value});
    return value;
  }

 private:
  struct Entry {
    Key key;
    std::shared_ptr<const Value> value;
  };
  std::size_t kept_;
  std::mutex mutex_;
  std::vector<Entry> entries_;  // Last used last.
};

}  // namespace dragoman
