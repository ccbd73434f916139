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
      : calls_(options.budget_calls != 0 ? options.budget_calls : std::numeric_limits<std::uint64_t>::max()),
        end_(options.budget_ms != 0 ? std::chrono::steady_clock::now() + std::chrono::milliseconds(options.budget_ms)
                                    : std::chrono::steady_clock::time_point::max()) {}

  /// Prompts that may be asked now, at most `wanted`.
  std::size_t grant(std::size_t wanted, std::uint64_t asked) const {
    if (std::chrono::steady_clock::now() >= end_) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, calls_ - std::min(calls_, asked)));
  }
  /// Where patience ends; the maximum if no time is set.
  std::chrono::steady_clock::time_point end() const { return end_; }

 private:
  std::uint64_t calls_;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace dragoman::reranking
