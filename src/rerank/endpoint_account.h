#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "dragoman/rerank/reranker.h"
#include "rerank/endpoint_answer.h"

namespace dragoman {

/// What an endpoint was asked and what that cost, against what it may cost. Thread-safe.
///
/// Requests under way count as what they are estimated to use, and where that would reach a limit the next one waits
/// for them: several at a time go beyond it by no more than one alone would, and stop no earlier.
class EndpointAccount {
 public:
  explicit EndpointAccount(const EndpointLimits& limits) : limits_(limits) {}

  /// Takes a request on, perhaps after others under way have ended, or says which limit is reached.
  std::optional<std::string> begin(const reranking::EndpointUsage& estimate);
  /// What became of it; of a server that does not count, the estimate. Nothing for one that got no answer.
  void end(const reranking::EndpointUsage& estimate, const std::optional<reranking::EndpointUsage>& used);

  /// Waits until the rates allow another attempt, whatever the one before came to. Attempts are spaced evenly.
  void wait_for_turn(const reranking::EndpointUsage& estimate);

 private:
  using Clock = std::chrono::steady_clock;
  double cost(const reranking::EndpointUsage& usage) const;
  Clock::duration spacing(double tokens) const;

  EndpointLimits limits_;
  std::mutex mutex_;
  std::condition_variable ended_;  ///< A request under way.
  std::uint64_t calls_ = 0, under_way_ = 0, tokens_ = 0, tokens_under_way_ = 0;
  double cost_ = 0, cost_under_way_ = 0;
  Clock::time_point next_turn_{};
};

}  // namespace dragoman
