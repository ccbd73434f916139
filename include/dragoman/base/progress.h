#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace dragoman {

/// How far long work has come. The library never prints; a door decides whether anybody looks.
struct ProgressEvent {
  std::string_view stage;   ///< What is being done: "read documents", "encode passages".
  std::string_view unit;    ///< What is counted: "documents", "bytes".
  std::uint64_t done = 0;   ///< Units done.
  std::uint64_t total = 0;  ///< Units in all, 0 if unknown.

  /// A second count that grows with the first, whose rate is worth showing: tokens, where texts are counted.
  std::string_view also_unit = {};
  std::uint64_t also = 0;
};

/// Called now and then from the thread that does the work; must be quick. May be empty.
using ProgressCallback = std::function<void(const ProgressEvent&)>;

inline void report(const ProgressCallback& callback, const ProgressEvent& event) {
  if (callback) callback(event);
}

}  // namespace dragoman
