#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman::reranking {

struct EndpointUsage {
  std::uint64_t tokens = 0;   ///< Read and written; 0 if the server does not tell.
  std::uint64_t reused = 0;   ///< Of those read, what the server had kept.
  std::uint64_t written = 0;  ///< Of `tokens`, the answer's.
};

/// What an OpenAI-compatible server answers to POST /v1/chat/completions.
struct ChatAnswer {
  std::string text;  ///< May be empty.
  /// Tokens that might have been the first of the answer, and their log-probabilities; empty if the server tells none.
  std::vector<std::pair<std::string, double>> first;
  EndpointUsage usage;
};

/// Reads {"choices": [{"message": {"content": "Yes"}, "logprobs": {"content": [{"top_logprobs": [{"token": "Yes",
/// "logprob": -0.1}, ...]}]}}], "usage": {...}}. Log-probabilities that are no finite numbers are not there.
/// @throws InvalidData naming `place` if there is no message.
ChatAnswer read_chat_answer(std::string_view body, std::string_view place);

/// How likely each label is as the beginning of the answer, from the tokens with their log-probabilities: the sum over
/// those that begin the label or go on behind it, and no other label; for a label without such a token the least of
/// all, which is the most that it can have. Else the label that the text begins with, or that alone is in it as a word,
/// has 0 and the others -infinity. None if the answer tells nothing.
std::optional<std::vector<double>> label_scores(const ChatAnswer& answer, std::span<const std::string> labels);

/// What a Jina- or Cohere-compatible server answers to POST /v1/rerank: {"results": [{"index": 2, "relevance_score":
/// 0.9}, ...]}.
struct RerankAnswer {
  std::vector<double> scores;  ///< Of each document; of those without one, less than all others.
  bool well_formed = false;    ///< Each document had one score.
  EndpointUsage usage;
};
/// @throws InvalidData naming `place` if there is no list of results.
RerankAnswer read_rerank_answer(std::string_view body, std::size_t documents, std::string_view place);

}  // namespace dragoman::reranking
