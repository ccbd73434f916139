#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/collection/document.h"
#include "dragoman/engine/search_options.h"
#include "dragoman/retrieve/query_translation.h"
#include "dragoman/retrieve/ranking.h"
#include "dragoman/text/language_identifier.h"

namespace dragoman {

/// One stage that a hit went through, and what it made of it.
struct HitTrace {
  std::string stage;     ///< A first stage, how they were fused ("calibrated"), "rerank", "exposure".
  std::size_t rank = 0;  ///< From 1.
  float score = 0;
};

struct SearchHit {
  std::string id;
  Language language;            ///< Of the document.
  Document document;            ///< Empty where only ids were asked for.
  float score = 0;              ///< Of the last stage; comparable within one result only.
  TextRange passage;            ///< The best part of the text.
  std::vector<HitTrace> trace;  ///< How it came here, first stage first.
};

/// What happened to one query on its way.
struct SearchExplanation {
  bool language_identified = false;       ///< The query came without a language; it was told from its text.
  LanguagePosterior language;             ///< What is believed of it then, and why.
  std::vector<std::string> terms;         ///< The query's words as the lexical index knows them.
  std::size_t query_tokens = 0;           ///< Tokens the encoder read; 0 where no first stage needs it.
  bool query_truncated = false;           ///< The encoder did not read all of the query.
  bool romanized = false;                 ///< Words were also found by how they sound, in other scripts.
  std::vector<std::string> phrases = {};  ///< In quotes, read by bm25: every hit has them.
  /// What rm3 made of the query, for documents in its own language; empty where it stayed as it was.
  std::vector<WordShare> expansion = {};
  /// What the query's words became, a language of documents each.
  std::vector<QueryTranslation> translations = {};
  std::size_t candidates = 0;  ///< After fusion.
  std::optional<RerankReport> rerank;
  double rerank_mix = 0;  ///< The first stage's share in the reranked scores, in [0, 1].
};

struct SearchResult {
  Query query;                  ///< As searched: with its language.
  std::vector<SearchHit> hits;  ///< Best first: score descending, then document id ascending.
  SearchExplanation explanation;
};

struct EngineOptions {
  std::filesystem::path models = {};  ///< Where models lie; empty: the default models folder.
  std::size_t threads = 0;            ///< Processors to use; 0 for all.
  std::filesystem::path cache = {};   ///< Where encodings of queries are kept, as in EncoderOptions; empty: nowhere.
  std::uint64_t cache_bytes = 0;      ///< As in EncoderOptions.
  std::string identifier = {};        ///< What tells languages of queries, as open_language_identifier() takes it.
};

/// One query through all of it: retrievers, fusion, reranker. Models and indexes are opened when first needed and stay
/// open. An engine knows the documents that were there when it was made. Thread-safe; calls that rerank wait for one
/// another.
class Engine {
 public:
  /// @throws NotFound, InvalidData as Collection::open.
  explicit Engine(const std::filesystem::path& collection, const EngineOptions& options = {});
  ~Engine();

  /// @throws InvalidArgument (options out of range), NotFound (an index that was not built, a model), InvalidData (a
  ///         damaged index or model; the message names the command that rebuilds it).
  SearchResult search(const Query& query, const SearchOptions& options) const;

  /// What is believed of a query's language, with the collection's languages, and their words where there is a bm25
  /// index, known beforehand.
  LanguagePosterior query_language(std::string_view query, std::span<const Language> allowed = {}) const;

  /// Many queries, faster than one by one. `take(result)` is called in the order of the queries; results are not kept.
  void search(std::span<const Query> queries, const SearchOptions& options,
              const std::function<void(const SearchResult&)>& take) const;

  /// Reranks candidates that came from elsewhere, a run file say; ids must be in the collection.
  /// @throws InvalidData for an id that is not.
  SearchResult rerank(const Query& query, const Ranking& ranking, const SearchOptions& options) const;

  /// Language of every document, by id; for evaluation by language.
  std::vector<std::pair<std::string, Language>> document_languages() const;

  /// What a user should know of the indexes that were opened so far, a line each: one covers only some documents, say.
  std::vector<std::string> notices() const;

  /// Number of documents.
  std::size_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
