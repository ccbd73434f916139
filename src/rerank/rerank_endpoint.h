#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/model_store.h"
#include "dragoman/rerank/reranker.h"
#include "encode/answer_store.h"
#include "encode/endpoint_client.h"
#include "rerank/endpoint_answer.h"

namespace dragoman {

/// One endpoint over all queries that are asked of it: cache, rate limit, spending limits, and the patience that ends
/// after some failures in a row. Thread-safe.
class RerankEndpoint {
 public:
  /// @throws InvalidArgument for an option out of range, or a key that cannot be.
  RerankEndpoint(const Model& model, const RerankEndpointOptions& options);

  enum class Outcome { answered, from_cache, failed };

  /// Asks for an answer that `read` finds sound: it may throw InvalidData, and the same is asked again.
  /// @param read is called with the body, and says what was used.
  /// @throws Unavailable, NotFound if the endpoint refuses for good.
  Outcome ask(const std::string& request, std::chrono::steady_clock::time_point end,
              const std::function<reranking::EndpointUsage(std::string_view body)>& read);

  /// Does it take passages to score, or chats?
  bool ranks() const { return ranks_; }
  /// Longest prompt with its answer, as estimated.
  std::size_t context_tokens() const { return options_.context_tokens; }
  const std::string& model() const { return model_; }
  const std::string& place() const { return client_.place(); }
  std::size_t in_flight() const { return options_.in_flight; }

  /// Does the endpoint take requests for probabilities, as far as is known?
  bool tells_probabilities() const { return tells_probabilities_; }
  void no_probabilities() { tells_probabilities_ = false; }

  std::vector<std::string> notices() const;

 private:
  std::optional<std::string> why_not();
  void wait_for_turn();
  void note(const std::string& notice);

  RerankEndpointOptions options_;
  bool ranks_;
  std::string model_;
  EndpointClient client_;
  mutable std::mutex mutex_;
  AnswerStore store_;
  std::uint64_t calls_ = 0, tokens_ = 0;
  int failures_ = 0;  ///< In a row.
  std::atomic<bool> tells_probabilities_ = true;
  std::vector<std::string> notices_;  ///< Why prompts were left out, each reason once.
  std::chrono::steady_clock::time_point next_turn_{};
};

}  // namespace dragoman
