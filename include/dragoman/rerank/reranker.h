#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/retrieve/ranking.h"

namespace dragoman {

class LanguageModel;
struct Model;

enum class RerankMethod { pointwise, pairwise, listwise };
enum class PairwiseSort { all_pairs, heap };

struct RerankOptions {
  RerankMethod method = RerankMethod::listwise;
  std::size_t depth = 10;  ///< Candidates reranked, > 0; those below keep their order, beneath all reranked ones.
  std::size_t passage_tokens = 0;               ///< Cut passages to so many of the model's tokens; 0: as many as fit.
  PairwiseSort sort = PairwiseSort::all_pairs;  ///< pairwise: all n(n-1)/2 pairs, or a heap sort, both in both orders.
  std::size_t window = 20;                      ///< listwise: passages in one prompt, >= 2. Sun et al., EMNLP 2023.
  std::size_t stride = 10;                      ///< listwise: how far the window moves up, in [1, window].
  std::string prompt = {};                      ///< A prompt file; empty for the one that ships for the method.
  std::uint64_t budget_calls = 0;  ///< Prompts that may be asked for a query; 0: any number. Cached answers count.
  std::uint64_t budget_ms = 0;     ///< No prompt is asked for a query after so long; 0: any time.
};

/// A candidate of the first stage, best first.
struct Candidate {
  std::string id;
  std::string text;
  float score = 0;  ///< The first stage's; not rising down the list.
};

struct RerankReport {
  std::uint64_t calls = 0;  ///< Prompts the model answered.
  std::uint64_t tokens_evaluated = 0;
  std::uint64_t tokens_reused = 0;
  std::uint64_t truncated = 0;           ///< Candidates of which the model did not read everything.
  std::uint64_t inconsistent_pairs = 0;  ///< pairwise: pairs whose winner depended on the order of the two.
  std::uint64_t narrowed_windows = 0;    ///< listwise: windows with fewer passages than asked, because of the context.
  std::uint64_t cache_hits = 0;          ///< Prompts whose answer was in the cache; they are no calls.
  std::uint64_t skipped = 0;             ///< Prompts left out because the budget was spent or the endpoint failed.
  std::uint64_t repaired = 0;            ///< Answers of an endpoint that were not well-formed.

  RerankReport& operator+=(const RerankReport& other);

  /// All of them by name, as JSON, journals and results spell them.
  struct Count {
    std::string_view name;
    std::uint64_t RerankReport::*field;
  };
  static const std::array<Count, 9> kCounts;
};

inline constexpr std::array<RerankReport::Count, 9> RerankReport::kCounts = {{
    {"calls", &RerankReport::calls},
    {"tokens_evaluated", &RerankReport::tokens_evaluated},
    {"tokens_reused", &RerankReport::tokens_reused},
    {"truncated", &RerankReport::truncated},
    {"inconsistent_pairs", &RerankReport::inconsistent_pairs},
    {"narrowed_windows", &RerankReport::narrowed_windows},
    {"cache_hits", &RerankReport::cache_hits},
    {"skipped", &RerankReport::skipped},
    {"repaired", &RerankReport::repaired},
}};

struct Reranked {
  std::size_t candidate = 0;  ///< Index into the candidates.
  float score = 0;            ///< Strictly decreasing down the list; its scale is the method's.
};

struct RerankResult {
  std::vector<Reranked> order;  ///< Every candidate exactly once, best first.
  RerankReport report;
};

/// Orders the candidates of one query. Not thread-safe: it owns the state of its model.
class Reranker {
 public:
  virtual ~Reranker() = default;

  /// Equal judgements keep the order of the first stage. One candidate or none asks the model nothing. Line breaks in
  /// query and passages are read as spaces; nothing in them is read as markup. Deterministic.
  ///
  /// Scores: pointwise, log p(yes) - log p(no); all pairs, the number of wins; else the place, counted from the end of
  /// the list. Equal ones are made strictly decreasing by the least step that a float can make.
  ///
  /// Cost in prompts, for n candidates: pointwise n; all pairs n(n-1); heap O(n log n); listwise about n / stride.
  ///
  /// @throws InvalidArgument if the query leaves no room for passages in the model's context.
  virtual RerankResult rerank(const Query& query, std::span<const Candidate> candidates) = 0;
};

/// @param model not null.
/// @throws InvalidArgument for an option out of range, InvalidData for a prompt file that is malformed or whose answers
///         the model cannot tell apart, NotFound if there is no such file.
std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, std::shared_ptr<LanguageModel> model);

/// How an endpoint is asked.
struct RerankEndpointOptions {
  std::size_t in_flight = 4;             ///< Requests at the same time, > 0.
  int attempts = 4;                      ///< For one request, > 0.
  std::chrono::milliseconds pause{500};  ///< Before the second attempt; doubled each time, and up to half more or less.
  std::chrono::seconds stall{120};       ///< Without a byte for so long, an attempt has failed.
  std::size_t context_tokens = 4096;  ///< Longest prompt with its answer, as estimated, where the model's is unknown.
  double requests_per_minute = 0;     ///< At most; 0: as many as it takes.
  std::uint64_t spend_calls = 0;      ///< Requests that may be made in all; 0: any number.
  std::uint64_t spend_tokens = 0;     ///< Tokens that may be read and written in all, as the server counts; 0: any.
  std::filesystem::path cache = {};   ///< Where answers are kept, as EncoderOptions::cache; empty: nowhere.
  std::uint64_t cache_bytes = 0;      ///< As EncoderOptions::cache_bytes.
};

/// A model behind an endpoint, over all that is asked of it. Thread-safe.
class RerankEndpoint;

/// @param model Model::endpoint is the base URL, http://127.0.0.1:8080/v1: POST /chat/completions, OpenAI-compatible.
///        Labels are read from `top_logprobs` where the server gives them, else from the text; a permutation is read
///        from the text, and repaired in first-stage order where it has to be. A base URL that ends with /rerank is a
///        Jina- or Cohere-compatible endpoint: pointwise alone, one request a query, no prompt.
///
/// The key is DRAGOMAN_API_KEY, else OPENAI_API_KEY (encode/endpoint_client.h). Requests are tried again after
/// connection errors, 408, 429 (Retry-After holds), 5xx and answers that make no sense. One that fails for good, a
/// spent limit or a spent budget leaves its prompts out (`skipped`): what they were about stays in first-stage order.
/// After three failures in a row the endpoint is asked no more.
///
/// @throws InvalidArgument for an option out of range, InvalidData if the cache is damaged.
std::shared_ptr<RerankEndpoint> open_rerank_endpoint(const Model& model, const RerankEndpointOptions& options = {});

/// Why prompts were left out, and what else a user should know, a line each.
std::vector<std::string> notices(const RerankEndpoint& endpoint);

/// As make_reranker() above. Reranker::rerank also throws Unavailable where the endpoint refuses for good (401, say),
/// NotFound (404), and InvalidArgument for a method that needs what the endpoint cannot tell.
std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, std::shared_ptr<RerankEndpoint> endpoint);

/// The prompt file that a reranker with these options reads. @throws NotFound if none ships for the method.
std::filesystem::path prompt_file(const RerankOptions& options);

}  // namespace dragoman
