#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "dragoman/rerank/reranker.h"

namespace dragoman::reranking {

/// What may still be asked for one query. Its clock starts when it is made. An answer out of a cache counts as a call,
/// so that a repeated run stops where the first one did; time is what it is.
class Budget {
 public:
  explicit Budget(const RerankOptions& options)
      : began_(std::chrono::steady_clock::now()),
        calls_(options.budget_calls != 0 ? options.budget_calls : std::numeric_limits<std::uint64_t>::max()),
        end_(options.budget_ms != 0 ? began_ + std::chrono::milliseconds(options.budget_ms)
                                    : std::chrono::steady_clock::time_point::max()) {}

  /// Prompts that may be asked now, at most `wanted`.
  std::size_t grant(std::size_t wanted, std::uint64_t asked) const {
    if (std::chrono::steady_clock::now() >= end_) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, calls_ - std::min(calls_, asked)));
  }
  /// The same of prompts that go through a model together: those that end in time at the pace of the `answered` so far;
  /// one at least, so that time is exceeded by one prompt at most and not by a batch.
  std::size_t grant_batch(std::size_t wanted, std::uint64_t asked, std::uint64_t answered) const {
    return in_time(grant(wanted, asked), answered);
  }
  /// Where patience ends; the maximum if no time is set.
  std::chrono::steady_clock::time_point end() const { return end_; }

 private:
  std::size_t in_time(std::size_t wanted, std::uint64_t answered) const {
    if (end_ == std::chrono::steady_clock::time_point::max() || wanted == 0) return wanted;
    if (answered == 0) return 1;
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> passed = now - began_, left = end_ - now;
    const double pace = passed.count() / static_cast<double>(answered);
    if (left.count() >= pace * static_cast<double>(wanted)) return wanted;
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::max(0.0, left.count() / pace)));
  }

  std::chrono::steady_clock::time_point began_;
  std::uint64_t calls_;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace dragoman::reranking
