#include "dragoman/engine/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <unordered_map>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/collection/collection.h"
#include "dragoman/encode/language_model.h"
#include "dragoman/engine/option_names.h"
#include "dragoman/engine/rerank_texts.h"
#include "dragoman/evaluate/fairness.h"
#include "dragoman/text/analyzer.h"
#include "engine/allowed_documents.h"
#include "engine/best_passage.h"
#include "engine/collection_prior.h"
#include "engine/index_stamp.h"
#include "engine/open_indexes.h"

namespace dragoman {
namespace {

// Queries that go through the retrievers together: enough to fill the encoder's batches, few enough to keep in memory.
constexpr std::size_t kQueryBlock = 512;

void check(const SearchOptions& options) {
  if (options.retrieve.empty()) {
    throw InvalidArgument(fmt::format("no retriever given; choose of {}", first_stage_names()));
  }
  if (options.depth == 0) throw InvalidArgument("depth is 0, must be at least 1");
  if (options.hits == 0) throw InvalidArgument("hits is 0, must be at least 1");
  if (options.romanized_weight && !(std::isfinite(*options.romanized_weight) && *options.romanized_weight >= 0)) {
    throw InvalidArgument(
        fmt::format("romanized_weight is {}, must be finite and not negative", *options.romanized_weight));
  }
  if (options.rm3.on && !uses(options, FirstStage::bm25)) {
    throw InvalidArgument("rm3 is feedback for the first stage bm25, which is not among those that are asked");
  }
  if (options.translate != TranslateSide::none && !uses(options, FirstStage::bm25)) {
    throw InvalidArgument("translate is for the first stage bm25, which is not among those that are asked");
  }
  if (options.dense.ef == 0) throw InvalidArgument("ef is 0, must be at least 1");
  if (options.dense.nprobe == 0) throw InvalidArgument("nprobe is 0, must be at least 1");
  if (!(options.exposure.value >= 0 && options.exposure.value <= 1)) {
    throw InvalidArgument(fmt::format("exposure is {}, must be from 0 to 1", options.exposure.value));
  }
  if (options.rerank && needs_model(*options.rerank) && options.rerank_model.empty()) {
    throw InvalidArgument("reranking needs a model; give one with --model (see: dragoman model list)");
  }
}

bool needs_language(const Query& query) { return query.language.tag() == "und"; }

/// A document on its way through the stages.
struct FoundDocument {
  DocumentNumber number = 0;
  std::string id;
  std::optional<TextRange> passage;
  float score = 0;
  std::vector<HitTrace> trace;
};

/// Can words of a query be words of a document, as they are written? Without a language the script must do.
bool may_share_words(const Language& query, const Language& document) {
  if (query.undetermined() || document.undetermined()) {
    return query.script().empty() || document.script().empty() || query.script() == document.script();
  }
  return query.primary() == document.primary() && query.script() == document.script();
}

/// The same where scripts do not part them.
bool may_share_sounds(const Language& query, const Language& document) {
  return query.undetermined() || document.undetermined() || query.primary() == document.primary();
}

std::vector<std::string> texts(std::vector<Token> tokens) {
  std::vector<std::string> texts;
  for (Token& token : tokens) texts.push_back(std::move(token.text));
  return texts;
}

void sort_candidates(std::vector<FoundDocument>& candidates) {
  std::ranges::sort(candidates, [](const FoundDocument& a, const FoundDocument& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
}

}  // namespace

struct Engine::State {
  State(const std::filesystem::path& folder, const EngineOptions& options)
      : indexes(folder, options), collection(indexes.collection()) {
    documents_in.resize(languages.size());
    for (DocumentNumber number = 0; number < language_of.size(); ++number) {
      if (is_live(number)) documents_in[language_of[number]] += 1;
    }
  }

  OpenIndexes indexes;
  const Collection& collection;
  const std::vector<Language>& languages = indexes.document_languages().languages;  ///< That occur.
  const std::vector<std::uint16_t>& language_of =
      indexes.document_languages().of;  ///< Of each document: which of them.
  std::vector<double> documents_in;     ///< By language.
  mutable std::mutex rerank_mutex;      ///< A language model serves one caller at a time.

  bool is_live(DocumentNumber number) const { return indexes.document_languages().is_live(number); }

  const Language& document_language(DocumentNumber number) const { return languages[language_of[number]]; }

  /// What the collection says of the languages of queries, with the words of its lexical index if that is asked for and
  /// there.
  LanguagePrior prior(std::span<const Language> allowed, bool with_words) const {
    return collection_prior(languages, documents_in, allowed, with_words ? indexes.lexical_index_if_any() : nullptr,
                            indexes.analyzer());
  }

  SearchResult begin(const Query& query, const LanguagePrior* prior) const {
    SearchResult result{.query = query, .hits = {}, .explanation = {}};
    if (needs_language(query)) {
      result.explanation.language = indexes.identifier().posterior(query.text, *prior);
      // Among languages that a user allows one must be meant; else a guess that is none is better than a wrong one.
      const LanguagePosterior& posterior = result.explanation.language;
      result.query.language = (prior->allowed.empty() ? posterior.guess() : posterior.best()).language;
      result.explanation.language_identified = result.query.language_identified = true;
    }
    result.explanation.terms = texts(indexes.analyzer().analyze_query(query.text, result.query.language));
    return result;
  }

  /// Quotes were read, and are none of the query's words.
  void explain_phrases(std::span<const std::string> phrases, SearchResult& result) const {
    result.explanation.phrases.assign(phrases.begin(), phrases.end());
    result.explanation.terms =
        texts(indexes.analyzer().analyze_query(parse_quotes(result.query.text).text, result.query.language));
  }

  /// The part of a document that holds most of the query's words, as the document's language has them, or their
  /// translations.
  TextRange best_passage_of(const Document& document, const SearchResult& result) const {
    const Analyzer& analyzer = indexes.analyzer();
    const Query& query = result.query;
    auto terms = texts(analyzer.analyze_query(query.text, query.language, std::span(&document.language, 1)));
    for (const QueryTranslation& translation : result.explanation.translations) {
      if (!same_written_language(translation.to, document.language)) continue;
      for (const TranslatedWord& word : translation.words) {
        for (const WordShare& as : word.translations) terms.push_back(as.word);
      }
    }
    return best_passage(document.text, document.language, terms, analyzer);
  }

  /// What all retrievers say to all queries: lists[query][retriever].
  std::vector<std::vector<RetrievedList>> retrieve(std::span<const SearchResult> results, const SearchOptions& options,
                                                   AllowedDocuments& allowed_documents,
                                                   std::span<const std::unique_ptr<Retriever>> retrievers) const {
    // Queries that may see the same documents are searched together.
    std::map<Language, std::vector<std::size_t>> groups;
    for (std::size_t q = 0; q < results.size(); ++q) {
      groups[options.same_language ? results[q].query.language : Language()].push_back(q);
    }
    std::vector<std::vector<RetrievedList>> lists(results.size());
    for (const auto& [language, members] : groups) {
      std::vector<Query> queries;
      for (const std::size_t q : members) queries.push_back(results[q].query);
      const auto allowed = allowed_documents.for_queries_in(language);
      for (const auto& retriever : retrievers) {
        auto found = retriever->search(queries, options.depth, allowed);
        for (std::size_t i = 0; i < members.size(); ++i) lists[members[i]].push_back(std::move(found[i]));
      }
      for (std::size_t i = 0; i < members.size(); ++i) {
        require_phrases(queries[i], options.depth, allowed, retrievers, lists[members[i]]);
      }
    }
    return lists;
  }

  /// How much is taken off languages' scores where vectors of any kind are compared, which all know the language of a
  /// text. Dense vectors tell how far the collection says the same things in several languages; without them nobody
  /// does.
  float level_of_languages(const SearchOptions& options) const {
    if (!uses_encoder(options) || options.debias == Debias::none) return 0;
    const auto bias = indexes.language_bias();
    return bias ? bias->level(options.debias) : 0;
  }

  /// Phrases that one retriever reads hold for all: the others look again, among the documents that have them.
  void require_phrases(const Query& query, std::size_t depth, std::span<const std::uint8_t> allowed,
                       std::span<const std::unique_ptr<Retriever>> retrievers,
                       std::vector<RetrievedList>& lists) const {
    const auto reads = std::ranges::find_if(lists, [](const RetrievedList& list) { return !list.phrases.empty(); });
    if (reads == lists.end() || lists.size() == 1 || language_of.empty()) return;
    const auto reader = static_cast<std::size_t>(reads - lists.begin());
    std::vector<std::uint8_t> has_phrases(language_of.size());
    const auto all = retrievers[reader]->search({&query, 1}, has_phrases.size(), allowed);
    for (const Retrieved& found : all[0].documents) {
      has_phrases[found.document] = 1;
    }
    for (std::size_t r = 0; r < lists.size(); ++r) {
      if (lists[r].phrases.empty()) lists[r] = std::move(retrievers[r]->search({&query, 1}, depth, has_phrases)[0]);
    }
  }

  /// How the lists of a search become one, the same for all of its queries.
  struct Merging {
    FuseOptions fuse;
    float level = 0;  ///< Of languages.
  };

  Merging merging(const SearchOptions& options) const {
    Merging merging{.fuse = options.fuse, .level = level_of_languages(options)};
    merging.fuse.weights.clear();
    for (const FirstStage stage : options.retrieve) merging.fuse.weights.push_back(fuse_weight(options, stage));
    return merging;
  }

  /// One list out of all retrievers'. Scores that are comparable are levelled together, others list by list.
  std::vector<Retrieved> merge(std::span<const RetrievedList> lists, const SearchOptions& options,
                               const Merging& merging, const MayJudge& may_judge) const {
    if (lists.size() > 1 && merging.fuse.method != FuseMethod::calibrated) {
      std::vector<RetrievedList> levelled(lists.begin(), lists.end());
      for (std::size_t r = 0; r < levelled.size(); ++r) {
        if (needs_encoder(options.retrieve[r])) level_languages(levelled[r].documents, language_of, merging.level);
      }
      return fuse(levelled, merging.fuse, may_judge);
    }
    std::vector<Retrieved> merged = lists.size() > 1 ? fuse(lists, merging.fuse, may_judge) : lists[0].documents;
    level_languages(merged, language_of, merging.level);
    return merged;
  }

  /// What merge() gives, in the order of a Ranking.
  std::vector<FoundDocument> candidates(const Language& query_language, std::span<const RetrievedList> lists,
                                        const SearchOptions& options, const Merging& merging) const {
    const bool fused = lists.size() > 1;
    const MayJudge may_judge = [&](std::size_t list, DocumentNumber document) {
      if (options.retrieve[list] != FirstStage::bm25) return true;
      const Language& its_language = document_language(document);
      // Translated words are words of the document's own language.
      const bool translated = std::ranges::any_of(lists[list].translations, [&](const QueryTranslation& as) {
        return same_written_language(as.to, its_language);
      });
      if (translated) return true;
      return lists[list].romanized ? may_share_sounds(query_language, its_language)
                                   : may_share_words(query_language, its_language);
    };
    const std::vector<Retrieved> merged = merge(lists, options, merging, may_judge);
    std::unordered_map<DocumentNumber, std::vector<HitTrace>> traces;
    for (std::size_t r = 0; r < lists.size(); ++r) {
      for (std::size_t i = 0; i < lists[r].documents.size(); ++i) {
        const Retrieved& found = lists[r].documents[i];
        traces[found.document].push_back({std::string(name_of(options.retrieve[r])), i + 1, found.score});
      }
    }
    std::vector<FoundDocument> candidates;
    for (const Retrieved& found : merged) {
      auto id = collection.document_id_if_any(found.document);
      if (!id) continue;  // Deleted since the engine was made.
      candidates.push_back(
          {found.document, *std::move(id), found.passage, found.score, std::move(traces[found.document])});
    }
    sort_candidates(candidates);
    if (fused) {
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        candidates[i].trace.push_back({fuse_name(options.fuse.method), i + 1, candidates[i].score});
      }
    }
    return candidates;
  }

  /// The reranker reads the best candidates; those below its depth it only keeps in order, so they need no text.
  void rerank(SearchResult& result, std::vector<FoundDocument>& candidates, const SearchOptions& options,
              Reranker& reranker) const {
    const std::size_t depth = deepest(*options.rerank);
    std::vector<Candidate> texts;
    for (FoundDocument& candidate : candidates) {
      Candidate& text = texts.emplace_back();
      text.id = candidate.id;
      text.score = candidate.score;
      if (texts.size() > depth) continue;
      const Document document = collection.document_if_any(candidate.number).value_or(Document());
      if (!candidate.passage) candidate.passage = best_passage_of(document, result);
      const bool whole = reads_whole_documents(*options.rerank);
      text.text = with_title(document.title, whole ? document.text : candidate.passage->of(document.text));
      text.language = document_language(candidate.number);
      text.translation = translation_in(*options.rerank, document.metadata);
    }
    const RerankResult reranked = reranker.rerank(result.query, texts);
    result.explanation.rerank = reranked.report;
    result.explanation.rerank_mix = reranked.mix;

    std::vector<FoundDocument> order;
    for (const Reranked& item : reranked.order) {
      FoundDocument& candidate = order.emplace_back(std::move(candidates[item.candidate]));
      candidate.score = item.score;
      if (item.candidate < depth) candidate.trace.push_back({"rerank", order.size(), item.score});
    }
    candidates = std::move(order);
  }

  /// Shares exposure among the languages of documents, each by its part of those that are there.
  void share_exposure(std::vector<FoundDocument>& candidates, const ExposureOptions& exposure) const {
    if (exposure.rule == ExposureRule::relevance) return;
    Ranking ranking;
    LanguageOf language_of_id;
    std::unordered_map<std::string, std::size_t> place;
    for (const FoundDocument& candidate : candidates) {
      place[candidate.id] = ranking.size();
      ranking.push_back({candidate.id, candidate.score});
      language_of_id[candidate.id] = document_language(candidate.number);
    }
    std::map<Language, double> fair;
    for (std::size_t i = 0; i < languages.size(); ++i) fair[languages[i]] = documents_in[i];
    const auto share = exposure.rule == ExposureRule::proportional ? balance_exposure : guarantee_exposure;
    std::vector<FoundDocument> order;
    for (const Hit& hit : share(ranking, language_of_id, fair, exposure.value)) {
      FoundDocument& candidate = order.emplace_back(std::move(candidates[place[hit.id]]));
      candidate.score = hit.score;
      candidate.trace.push_back({"exposure", order.size(), hit.score});
    }
    candidates = std::move(order);
  }

  void finish(SearchResult& result, std::vector<FoundDocument>& candidates, const SearchOptions& options) const {
    if (candidates.size() > options.hits) candidates.resize(options.hits);
    for (FoundDocument& candidate : candidates) {
      SearchHit hit{.id = std::move(candidate.id),
                    .language = document_language(candidate.number),
                    .document = {},
                    .score = candidate.score,
                    .passage = candidate.passage.value_or(TextRange{}),
                    .trace = std::move(candidate.trace)};
      if (options.content == HitContent::document) {
        auto document = collection.document_if_any(candidate.number);
        if (!document) continue;  // Deleted a moment ago.
        hit.document = *std::move(document);
        if (!candidate.passage) hit.passage = best_passage_of(hit.document, result);
      }
      result.hits.push_back(std::move(hit));
    }
  }

  std::unique_ptr<Reranker> open_reranker(const SearchOptions& options) const {
    if (!options.rerank) return nullptr;
    return indexes.reranker(options);
  }
};

Engine::Engine(const std::filesystem::path& collection, const EngineOptions& options)
    : state_(std::make_unique<State>(collection, options)) {}
Engine::~Engine() = default;

SearchResult Engine::search(const Query& query, const SearchOptions& options) const {
  SearchResult only;
  search(std::span(&query, 1), options, [&](const SearchResult& result) { only = result; });
  return only;
}

void Engine::search(std::span<const Query> queries, const SearchOptions& options,
                    const std::function<void(const SearchResult&)>& take) const {
  check(options);
  const auto retrievers = state_->indexes.retrievers(options);
  std::unique_lock reranking(state_->rerank_mutex, std::defer_lock);
  if (options.rerank) reranking.lock();
  const auto reranker = state_->open_reranker(options);

  std::optional<LanguagePrior> prior;
  if (std::ranges::any_of(queries, needs_language))
    prior = state_->prior(options.query_languages, uses(options, FirstStage::bm25));

  AllowedDocuments allowed(state_->collection, state_->indexes.document_languages(), options);
  const auto merging = state_->merging(options);
  for (std::size_t first = 0; first < queries.size(); first += kQueryBlock) {
    std::vector<SearchResult> results;
    for (const Query& query : queries.subspan(first, std::min(kQueryBlock, queries.size() - first))) {
      results.push_back(state_->begin(query, prior ? &*prior : nullptr));
    }
    const auto lists = state_->retrieve(results, options, allowed, retrievers);
    for (std::size_t q = 0; q < results.size(); ++q) {
      SearchResult& result = results[q];
      for (std::size_t r = 0; r < lists[q].size(); ++r) {
        if (needs_encoder(options.retrieve[r])) result.explanation.query_tokens = lists[q][r].query_terms;
        result.explanation.query_truncated |= lists[q][r].query_truncated;
        result.explanation.romanized |= lists[q][r].romanized;
        if (!lists[q][r].translations.empty()) result.explanation.translations = lists[q][r].translations;
        if (!lists[q][r].expansion.empty()) result.explanation.expansion = lists[q][r].expansion;
        if (!lists[q][r].phrases.empty()) state_->explain_phrases(lists[q][r].phrases, result);
      }
      auto candidates = state_->candidates(result.query.language, lists[q], options, merging);
      result.explanation.candidates = candidates.size();
      if (reranker) state_->rerank(result, candidates, options, *reranker);
      state_->share_exposure(candidates, options.exposure);
      state_->finish(result, candidates, options);
      take(result);
    }
  }
}

SearchResult Engine::rerank(const Query& query, const Ranking& ranking, const SearchOptions& options) const {
  if (!options.rerank)
    throw InvalidArgument(fmt::format("no reranking method given; choose of {}", rerank_method_names()));
  check(options);
  std::optional<LanguagePrior> prior;
  if (needs_language(query)) prior = state_->prior(options.query_languages, uses(options, FirstStage::bm25));
  SearchResult result = state_->begin(query, prior ? &*prior : nullptr);
  std::vector<FoundDocument> candidates;
  for (const Hit& hit : ranking) {
    const auto number = state_->collection.find(hit.id);
    if (!number || *number >= state_->language_of.size()) {
      throw InvalidData(
          fmt::format("query '{}': document '{}' is not in {}; rerank with the collection that was searched",
                      printable(query.id), printable(hit.id), state_->collection.folder().string()));
    }
    candidates.push_back({*number, hit.id, std::nullopt, hit.score, {{"run", candidates.size() + 1, hit.score}}});
  }
  result.explanation.candidates = candidates.size();
  const std::lock_guard reranking(state_->rerank_mutex);
  state_->rerank(result, candidates, options, *state_->open_reranker(options));
  state_->finish(result, candidates, options);
  return result;
}

std::vector<std::pair<std::string, Language>> Engine::document_languages() const {
  std::vector<std::pair<std::string, Language>> languages;
  for (DocumentNumber number = 0; number < state_->language_of.size(); ++number) {
    auto id = state_->is_live(number) ? state_->collection.document_id_if_any(number) : std::nullopt;
    if (id) languages.emplace_back(*std::move(id), state_->document_language(number));
  }
  return languages;
}

LanguagePosterior Engine::query_language(std::string_view query, std::span<const Language> allowed) const {
  return state_->indexes.identifier().posterior(query, state_->prior(allowed, true));
}

std::vector<std::string> Engine::notices() const { return state_->indexes.notices(); }

std::size_t Engine::size() const {
  const auto& live = state_->indexes.document_languages().live;
  return live.empty() ? state_->language_of.size() : static_cast<std::size_t>(std::ranges::count(live, 1));
}

}  // namespace dragoman
