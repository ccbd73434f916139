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

#include "base/json.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/rerank/reranker.h"
#include "encode/answer_store.h"
#include "encode/endpoint_client.h"
#include "rerank/endpoint_account.h"
#include "rerank/endpoint_answer.h"

namespace dragoman {

/// One endpoint over all queries that are asked of it: cache, rate limit, spending limits, and the patience that ends
/// after some failures in a row. Thread-safe.
class RerankEndpoint {
 public:
  /// @throws InvalidArgument for an option out of range, or a key that cannot be.
  RerankEndpoint(const Model& model, const RerankEndpointOptions& options);

  enum class Outcome { answered, from_cache, failed };

  /// Asks for an answer that `read` finds sound: it may throw InvalidData, and the same is asked again. What the server
  /// refuses by name and can do without ("max_tokens", "temperature") it is not sent again; answers are kept by the
  /// request as it was given.
  /// @param estimate what the answer will use. @param read is called with the body, and says what was used.
  /// @throws Unavailable, NotFound if the endpoint refuses for good.
  Outcome ask(const Json& request, const reranking::EndpointUsage& estimate, std::chrono::steady_clock::time_point end,
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
  /// How a server wants to be asked, as far as it told.
  struct Dialect {
    bool completion_tokens = false;    ///< "max_completion_tokens" in the place of "max_tokens".
    bool without_temperature = false;  ///< It takes none but its own.
  };

  Dialect dialect() const;
  std::string in_dialect(const Json& request, const Dialect& dialect) const;
  /// Learns from a refusal of what was sent in `used`; false if there is nothing to be learned.
  bool learn(const std::string& refusal, const Dialect& used);
  void note(const std::string& notice);

  RerankEndpointOptions options_;
  bool ranks_;
  std::string model_;
  EndpointClient client_;
  mutable std::mutex mutex_;
  AnswerStore store_;
  EndpointAccount account_;
  Dialect dialect_;
  int failures_ = 0;  ///< In a row.
  std::atomic<bool> tells_probabilities_ = true;
  std::vector<std::string> notices_;  ///< Why prompts were left out, each reason once.
};

}  // namespace dragoman
