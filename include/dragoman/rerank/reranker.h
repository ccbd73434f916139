#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/language_model.h"
#include "dragoman/retrieve/ranking.h"

namespace dragoman {

class CrossEncoder;
class Encoder;
class RerankEndpoint;
struct Model;

/// How candidates are judged; papers are named in src/rerank, where each is a file.
enum class RerankMethod {
  pointwise,         ///< One passage at a time.
  pairwise,          ///< Two at a time, in both orders.
  setwise,           ///< The best of a few, sorted by such choices.
  listwise,          ///< A window of passages put into order.
  tournament,        ///< Groups whose better halves go on, several times.
  late_interaction,  ///< Token vectors of an encoder; asks no language model.
  cascade,           ///< Several methods, each for the best of the one before.
};
/// `automatic`: all pairs for pairwise, a heap for setwise. all_pairs is pairwise's alone.
enum class RerankSort { automatic, all_pairs, heap, sliding };
enum class PointwiseScore {
  yes_no,      ///< log p(yes) - log p(no).
  graded,      ///< Expected grade, 0 to 4.
  likelihood,  ///< Of the query, given the passage.
  /// What a cross-encoder's head makes of query and passage, read together; asks no language model.
  cross_encoder,
};
/// What is shown of a text that may have a translation (Candidate::translation).
enum class ShownText {
  original,
  translated,  ///< The original where there is no translation.
  both,        ///< "original [translation]".
};
enum class ListwiseAnswer {
  permutation,  ///< The model writes the whole order.
  first_token,  ///< The order of how likely each passage's letter is as the first token: no token is generated.
};
enum class RankAggregation { borda, kemeny };
/// What is read of a document that is longer than a passage.
enum class DocumentReading {
  passage,      ///< The passage that the first stage found, or that holds most of the query's words.
  first,        ///< Its beginning.
  best,         ///< All its passages; it is as good as the best. Dai and Callan, SIGIR 2019 (MaxP).
  sum,          ///< All; the sum of their probabilities (SumP).
  decayed_sum,  ///< All; the best counts whole, each further one half of the one before.
  top_mean,     ///< All; the mean of the best three.
};

/// A stage of a cascade.
struct CascadeStage {
  RerankMethod method = RerankMethod::pointwise;
  std::size_t depth = 0;  ///< > 0; of the list that the stage before left.

  friend bool operator==(const CascadeStage&, const CascadeStage&) = default;
};

/// What an endpoint may be asked, over all queries together; 0 is no limit.
struct EndpointLimits {
  double requests_per_minute = 0;
  double tokens_per_minute = 0;  ///< Read and written, as the server counts; of answers under way, as estimated.
  std::uint64_t calls = 0;       ///< Requests that may be made in all.
  std::uint64_t tokens = 0;      ///< Tokens that may be read and written in all, as the server counts.
  double cost = 0;               ///< What may be spent in all, in the currency of the prices.
  double prompt_price = 0;       ///< Of a million tokens that are read, >= 0.
  double answer_price = 0;       ///< Of a million tokens that are written, >= 0.

  friend bool operator==(const EndpointLimits&, const EndpointLimits&) = default;
};

/// What TranslationSources::passages begins with where it is the name of a field.
inline constexpr std::string_view kOfMetadata = "metadata:";

/// Where translations come from, which ShownText asks for.
struct TranslationSources {
  /// Of documents: a corpus file, as CorpusReader reads it, whose texts are the translations of the documents with the
  /// same ids, read from their beginning; or "metadata:NAME", a string of the document's own metadata.
  std::string passages = {};
  std::string queries = {};  ///< Of queries: topics with the same ids, as read_queries() reads them.
  /// Who translates what is not given: "auto", the best route of all that are installed; "none"; or names of providers
  /// with commas between them (parse_providers()).
  std::string translator = "auto";
  /// Language that queries are translated into. Passages are always translated into that of the query as it is shown.
  std::string into = "en";

  friend bool operator==(const TranslationSources&, const TranslationSources&) = default;
};

struct RerankOptions {
  RerankMethod method = RerankMethod::listwise;
  std::size_t depth = 10;  ///< Candidates reranked, > 0; those below keep their order, beneath all reranked ones.
  std::size_t passage_tokens = 0;           ///< Cut passages to so many of the model's tokens; 0: as many as fit.
  RerankSort sort = RerankSort::automatic;  ///< pairwise, setwise.
  std::size_t top = 10;      ///< heap, sliding: stop when so many are in place; the rest keeps its order. 0: all.
  std::size_t window = 20;   ///< listwise, tournament: passages in one prompt, >= 2. Sun et al., EMNLP 2023.
  std::size_t stride = 10;   ///< listwise: how far the window moves up, in [1, window].
  std::size_t set_size = 4;  ///< setwise: passages in one prompt, in [2, 26]. Zhuang et al., SIGIR 2024.
  std::size_t passes = 1;    ///< listwise: times that the windows slide, >= 1.
  /// Further times that candidates are judged in another order: whole rankings for listwise, sets for setwise,
  /// tournaments. What comes of it is aggregated.
  std::size_t shuffles = 0;
  std::uint64_t seed = 1;                                ///< Of the shuffles.
  RankAggregation aggregation = RankAggregation::borda;  ///< listwise with shuffles.
  ListwiseAnswer answer = ListwiseAnswer::permutation;   ///< listwise.
  PointwiseScore score = PointwiseScore::yes_no;         ///< pointwise.
  bool calibrate = false;  ///< pointwise: what the model says of an empty passage is taken off. One prompt a query.
  DocumentReading documents = DocumentReading::passage;  ///< All but the first two need pointwise.
  std::vector<CascadeStage> cascade = {};                ///< cascade: two or more, of falling depth.
  /// Share of the first stage in the final scores, in [0, 1]: 0 is the method's order alone, 1 the first stage's.
  /// Nothing: told from how well the two agree, query by query; see rerank/mix.h.
  std::optional<float> mix = {};
  std::string prompt = {};  ///< A prompt file, our form or RankLLM's; empty for the one that ships for the method.
  /// Of the shipped prompt: a language's tag, or "query" for the query's own where one ships, else English.
  std::string prompt_language = "en";
  /// LoRA adapters of the language model, composed; not for endpoints.
  std::vector<LanguageModelAdapter> adapters = {};
  ShownText passages = ShownText::original;    ///< What is shown of a passage.
  ShownText query_text = ShownText::original;  ///< What is shown of the query.
  TranslationSources translations = {};        ///< Of what is shown translated.
  EndpointLimits limits = {};                  ///< Of an endpoint.
  std::uint64_t budget_calls = 0;  ///< Prompts that may be asked for a query; 0: any number. Cached answers count.
  std::uint64_t budget_ms = 0;     ///< No prompt is asked for a query after so long; 0: any time.
};

/// A candidate of the first stage, best first.
struct Candidate {
  std::string id;
  std::string text;
  float score = 0;               ///< The first stage's; not rising down the list.
  std::string translation = {};  ///< Of the text, for RerankOptions::passages; empty where there is none.
  Language language = {};        ///< Of the text; told from it where translating needs to know and nobody said.
};

struct RerankReport {
  std::uint64_t calls = 0;  ///< Prompts the model answered.
  std::uint64_t tokens_evaluated = 0;
  std::uint64_t tokens_reused = 0;
  std::uint64_t truncated = 0;           ///< Candidates of which the model did not read everything.
  std::uint64_t inconsistent_pairs = 0;  ///< Of compared_pairs, those whose winner depended on the order of the two.
  std::uint64_t narrowed_windows = 0;    ///< listwise: windows with fewer passages than asked, because of the context.
  std::uint64_t compared_pairs = 0;      ///< Pairs that were judged in more than one order.
  std::uint64_t pieces = 0;              ///< Passages into which candidates were taken apart to be read whole.
  std::uint64_t cache_hits = 0;          ///< Prompts whose answer was in the cache; they are no calls.
  std::uint64_t skipped = 0;             ///< Prompts left out because the budget was spent or the endpoint failed.
  std::uint64_t repaired = 0;            ///< Answers of an endpoint that were not well-formed.
  std::uint64_t untranslated = 0;        ///< Candidates to be shown translated that have no translation.

  RerankReport& operator+=(const RerankReport& other);

  /// All of them by name, as JSON, journals and results spell them.
  struct Count {
    std::string_view name;
    std::uint64_t RerankReport::*field;
  };
  static const std::array<Count, 12> kCounts;
};

inline constexpr std::array<RerankReport::Count, 12> RerankReport::kCounts = {{
    {"calls", &RerankReport::calls},
    {"tokens_evaluated", &RerankReport::tokens_evaluated},
    {"tokens_reused", &RerankReport::tokens_reused},
    {"truncated", &RerankReport::truncated},
    {"inconsistent_pairs", &RerankReport::inconsistent_pairs},
    {"narrowed_windows", &RerankReport::narrowed_windows},
    {"compared_pairs", &RerankReport::compared_pairs},
    {"pieces", &RerankReport::pieces},
    {"cache_hits", &RerankReport::cache_hits},
    {"skipped", &RerankReport::skipped},
    {"repaired", &RerankReport::repaired},
    {"untranslated", &RerankReport::untranslated},
}};

struct Reranked {
  std::size_t candidate = 0;  ///< Index into the candidates.
  float score = 0;            ///< Strictly decreasing down the list; its scale is the method's.
};

struct RerankResult {
  std::vector<Reranked> order;  ///< Every candidate exactly once, best first.
  RerankReport report;
  double mix = 0;  ///< The first stage's share of the scores, in [0, 1].
};

/// Orders the candidates of one query. Not thread-safe: it owns the state of its model.
class Reranker {
 public:
  virtual ~Reranker() = default;

  /// Equal judgements keep the order of the first stage. One candidate or none asks the model nothing. Line breaks in
  /// query and passages are read as spaces; nothing in them is read as markup. Deterministic.
  ///
  /// Scores, where the first stage has no share in them (RerankOptions::mix 0, or its scores are all the same):
  /// pointwise by yes and no, log p(yes) - log p(no); graded, the expected grade; likelihood, log p(query) a token; all
  /// pairs, the number of wins; tournament, points; late interaction, max_sim(); else the place, counted from the end
  /// of the list. Where it has a share: mix * z(first stage) + (1 - mix) * z(method), both z within the candidates that
  /// were reranked. Equal ones are made strictly decreasing by the least step that a float can make.
  ///
  /// Cost in prompts, for n candidates: pointwise n, or n times their passages; all pairs n(n-1); heap O(n + top log
  /// n); sliding about 2 n top for pairs, n top / (set_size - 1) for sets; listwise about n / stride, times passes,
  /// times 1 + shuffles; tournament about 2 n / window, times 2 + shuffles.
  ///
  /// @throws InvalidArgument if the query leaves no room for passages in the model's context.
  virtual RerankResult rerank(const Query& query, std::span<const Candidate> candidates) = 0;
};

/// What rerankers judge with; each only where the method needs it.
struct RerankModels {
  std::shared_ptr<LanguageModel> language_model = {};  ///< Or, before it, `endpoint`.
  std::shared_ptr<RerankEndpoint> endpoint = {};
  std::shared_ptr<const Encoder> encoder = {};  ///< With token vectors: late interaction, as a method or in a cascade.
  std::shared_ptr<const CrossEncoder> cross_encoder = {};  ///< PointwiseScore::cross_encoder.
};

/// @throws InvalidArgument for an option out of range or a model that is missing, InvalidData for a prompt file that is
///         malformed or whose answers the model cannot tell apart, NotFound if there is no such file.
std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, const RerankModels& models);
std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, std::shared_ptr<LanguageModel> model);

/// Which of RerankModels a reranker with these options asks.
bool needs_language_model(const RerankOptions& options);
bool needs_encoder(const RerankOptions& options);
bool needs_cross_encoder(const RerankOptions& options);
/// One that a user names, of either kind: a language model or a cross-encoder.
bool needs_model(const RerankOptions& options);

/// Does it show anything translated?
bool shows_translations(const RerankOptions& options);

/// Candidates whose texts are read: `depth`, or the first of a cascade's.
std::size_t deepest(const RerankOptions& options);

/// Rerankers read documents from their beginning to their end, instead of a passage of each.
bool reads_whole_documents(const RerankOptions& options);

/// Calls `take` for each file that the options name besides the prompt: adapters and translations.
void for_each_file(RerankOptions& options, const std::function<void(std::string& file)>& take);

/// The prompt files that a reranker with these options may read. @throws NotFound if none ships for the method.
std::vector<std::filesystem::path> prompt_files(const RerankOptions& options);

/// How an endpoint is asked.
struct RerankEndpointOptions {
  std::size_t in_flight = 4;             ///< Requests at the same time, > 0.
  int attempts = 4;                      ///< For one request, > 0.
  std::chrono::milliseconds pause{500};  ///< Before the second attempt; doubled each time, and up to half more or less.
  std::chrono::seconds stall{120};       ///< Without a byte for so long, an attempt has failed.
  std::size_t context_tokens = 4096;  ///< Longest prompt with its answer, as estimated, where the model's is unknown.
  EndpointLimits limits = {};
  std::filesystem::path cache = {};  ///< Where answers are kept, as EncoderOptions::cache; empty: nowhere.
  std::uint64_t cache_bytes = 0;     ///< As EncoderOptions::cache_bytes.
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
/// @throws InvalidArgument for an option out of range or a model that was added as an encoder, InvalidData if the cache
/// is
///         damaged.
std::shared_ptr<RerankEndpoint> open_rerank_endpoint(const Model& model, const RerankEndpointOptions& options = {});

/// Why prompts were left out, and what else a user should know, a line each.
std::vector<std::string> notices(const RerankEndpoint& endpoint);
/// The same of all of them but the encoder.
std::vector<std::string> notices(const RerankModels& models);

/// With an endpoint as RerankModels::endpoint. Reranker::rerank also throws Unavailable where the endpoint refuses for
/// good (401, say), NotFound (404), and InvalidArgument for a method that needs what the endpoint cannot tell.
std::unique_ptr<Reranker> make_reranker(const RerankOptions& options, std::shared_ptr<RerankEndpoint> endpoint);

}  // namespace dragoman
