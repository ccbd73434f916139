#pragma once

#include <array>
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

enum class RerankMethod { pointwise, pairwise, listwise };
enum class PairwiseSort { all_pairs, heap };

struct RerankOptions {
  RerankMethod method = RerankMethod::listwise;
  std::size_t depth = 10;  ///< Candidates reranked, > 0; those below keep their order, beneath all reranked ones.
  std::size_t passage_tokens = 0;               ///< Cut passages to so many of the model's tokens; 0: as many as fit.
  PairwiseSort sort = PairwiseSort::all_pairs;  ///< pairwise: all n(n-1)/2 pairs, or a heap sort, both in both orders.
  std::size_t window = 20;                      ///< listwise: passages in one prompt, >= 2. Sun et al., EMNLP 2023.
  std::size_t stride = 10;                      ///< listwise: how far the window moves up, in [1, window].
  std::string prompt;                           ///< A prompt file; empty for the one that ships for the method.
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

/// The prompt file that a reranker with these options reads. @throws NotFound if none ships for the method.
std::filesystem::path prompt_file(const RerankOptions& options);

}  // namespace dragoman
