#include "search_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "dragoman/engine/option_names.h"
#include "id_file.h"

namespace dragoman::cli {
std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream stream(list);
  for (std::string part; std::getline(stream, part, ',');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

void SearchFlags::add_retrieval(CLI::App& command) {
  command.add_option("--retrieve", retrieve_, fmt::format("First stages, of: {}", first_stage_names()))
      ->capture_default_str();
  command.add_option("--fuse", fuse_, "How their lists become one: rrf, sum, calibrated")->capture_default_str();
  command.add_option("--fuse-weights", fuse_weights_, "What their lists count (bm25:0.2,dense:1)");
  command
      .add_option("--exposure", exposure_,
                  "How hits are shared among languages: relevance, proportional:DIAL (0 to 1 turns towards each one's "
                  "part of the documents), guaranteed:SHARE (none gets less than this share of its part)")
      ->capture_default_str();
  command.add_option("--debias", debias_, "What vectors say of languages: none, center or auto takes it away")
      ->capture_default_str();
  command.add_option("--debias-queries", options_.debias_queries,
                     "dense: questions like those that are asked, whose mean is taken off a question in the place of "
                     "the documents' (a file as --topics takes it)");
  command.add_option("--rrf-k", options_.fuse.k, "RRF's constant")->capture_default_str();
  command.add_option("--depth", options_.depth, "Candidates from each first stage (at least --hits)")
      ->capture_default_str();
  command.add_option("--hits", options_.hits, "Documents to return")->capture_default_str();
  command.add_option("--in", documents_in_, "Only documents in these languages (de,fr), or 'same' as the query's");
  command
      .add_option("--where", where_,
                  "Only documents whose metadata meets this (year>=2020, source=bbc; = != < <= > >=); may be repeated, "
                  "all must be met")
      ->allow_extra_args(false);
  command.add_option("--ids", id_file_, "Only documents whose ids are in this file, one a line; - for standard input");
  command.add_option("--translate", translate_,
                     "BM25: what is translated between the question and documents in other languages: none, query, "
                     "document (an index made with --translate document), or auto (whatever there is) [query with "
                     "--translation-table or --translator, else none]");
  command
      .add_option("--translation-table", options_.translation_tables,
                  "Tables of words and their translations, or folders of them, as 'translate learn' makes them [those "
                  "that are installed]")
      ->allow_extra_args(false);
  command.add_option("--translator", translators_,
                     "Who may say whole questions in other languages, as of 'translate --provider': marian, apertium, "
                     "llm:MODEL, libretranslate:URL, ...; several with commas between them");
  command.add_option("--query-languages", query_languages_,
                     "The only languages a question may be in that does not say its own (de,fr)");
  command.add_option(
      "--identify", identifier_,
      "What tells a question's language: a language identifier, or 'script' [lid.176, if it is installed]");
  command.add_option("--k1", options_.bm25.k1, "BM25: term-frequency saturation")->capture_default_str();
  command.add_option("--b", options_.bm25.b, "BM25: length normalisation, 0 to 1")->capture_default_str();
  command.add_option(
      "--romanized-weight", romanized_weight_,
      fmt::format("BM25: what a match by sound counts, 0 for none [{} if the index has it]", kRomanizedWeight));
  command.add_option("--weighting", weighting_, "Words' weights: bm25, or dirichlet (query likelihood)")
      ->capture_default_str();
  command.add_option("--mu", options_.bm25.mu, "dirichlet: smoothing, in words")->capture_default_str();
  command.add_option("--by-language", by_language_, "BM25: k1 and b of some languages (de:1.2:0.75,ja:0.5:0.3)");
  command.add_option("--field-weights", field_weights_,
                     "BM25F: weights of an index's fields, and perhaps their b (title:2:0.3,text:1); 0 leaves one out "
                     "[1 for all]");
  command.add_option("--match", match_, "BM25: documents with any or all of the query's words")->capture_default_str();
  command.add_flag("--exact", options_.dense.exact, "dense: compare every vector although there is a graph, or lists");
  command.add_option("--ef", options_.dense.ef, "dense, hnsw: candidates kept while the graph is walked")
      ->capture_default_str();
  command.add_option("--nprobe", options_.dense.nprobe, "dense, ivfpq: lists that are looked into")
      ->capture_default_str();
  command
      .add_option("--phrases", phrases_,
                  "BM25: documents must have what stands in quotes (\"red bicycle\", or \"red bicycle\"~2 with words "
                  "between): on, off, or auto (if the index has positions)")
      ->capture_default_str();
  command
      .add_option("--proximity", options_.bm25.proximity,
                  "BM25: what words near one another add; needs an index with positions")
      ->capture_default_str();
  command
      .add_option("--proximity-depth", options_.bm25.proximity_depth, "Of the best documents, so many are looked at")
      ->capture_default_str();
  command.add_flag("--rm3", options_.rm3.on,
                   "BM25: search again with words that the best documents in the question's language lend it");
  command.add_option("--rm3-documents", options_.rm3.documents, "rm3: documents that lend words")
      ->capture_default_str();
  command.add_option("--rm3-terms", options_.rm3.terms, "rm3: words that they lend")->capture_default_str();
  command.add_option("--rm3-weight", options_.rm3.query_weight, "rm3: share of the question's own words, 0 to 1")
      ->capture_default_str();
  command.add_option("--statistics", statistics_, "BM25: document frequencies per_language or pooled")
      ->capture_default_str();
  add_vectors(command);
}

void SearchFlags::add_vectors(CLI::App& command) {
  command.add_option("--sparse-weighting", sparse_weighting_, "sparse: weights by the encoder and idf, or plain")
      ->capture_default_str();
  command.add_option("--sparse-method", sparse_method_, "sparse: exact, exhaustive or approximate")
      ->capture_default_str();
  command.add_option("--sparse-postings", options_.sparse.postings, "approximate: postings that tell candidates")
      ->capture_default_str();
  command.add_option("--sparse-full-scores", options_.sparse.full_scores, "approximate: candidates scored whole")
      ->capture_default_str();
  command.add_option("--multivector-method", multi_vector_method_, "multivector: pruned or exhaustive")
      ->capture_default_str();
  command
      .add_option("--multivector-probes", options_.multivector.probes, "pruned: centroids each query token looks into")
      ->capture_default_str();
  command.add_option("--multivector-full-scores", options_.multivector.full_scores, "pruned: candidates scored whole")
      ->capture_default_str();
}

namespace {

/// Flags that are options of the library under another spelling: its defaults are theirs.
struct RerankFlag {
  const char *flag, *option, *help;
};

constexpr RerankFlag kRerankFlags[] = {
    {"--rerank-depth", "depth", "Candidates to rerank"},
    {"--passage-tokens", "passage_tokens", "Cut passages to so many tokens; 0: what fits"},
    {"--mix", "mix", "Share of the first stage in the scores, 0 (or off) to 1; auto tells it from how well both agree"},
    {"--score", "score",
     "pointwise: yes_no, graded, likelihood of the query, or cross_encoder (a model with such a head)"},
    {"--documents", "documents",
     "What is read of long ones: passage (the best one found), first; pointwise also best, sum, decayed_sum, top_mean "
     "of all their passages"},
    {"--budget", "budget", "What a query may cost: 40calls, 500ms, 2s; the best order so far is given"},
    {"--sort", "sort", "pairwise: all_pairs, heap, sliding; setwise: heap, sliding"},
    {"--top", "top", "heap, sliding: stop when so many are in place; 0: all"},
    {"--set-size", "set_size", "setwise: passages in one prompt"},
    {"--window", "window", "listwise, tournament: passages in one prompt"},
    {"--stride", "stride", "listwise: how far the window moves"},
    {"--passes", "passes", "listwise: times that the windows slide"},
    {"--answer", "answer", "listwise: permutation, or first_token"},
    {"--shuffles", "shuffles", "listwise, setwise, tournament: further judgements in other orders"},
    {"--aggregation", "aggregation", "listwise with shuffles: borda or kemeny"},
    {"--seed", "seed", "Of the shuffles"},
    {"--cascade", "cascade", "Stages of a cascade with their depths (late-interaction:100,pointwise:20)"},
    {"--prompt", "prompt", "Prompt file (YAML, ours or RankLLM's) instead of the method's own"},
    {"--prompt-language", "prompt_language", "en, ar, de, es, hi, sw, zh; query: the query's own"},
    {"--passages", "passages", "What is shown of passages: original, translated (into the query's language), or both"},
    {"--query-text", "query_text", "What is shown of the query: original, translated, or both"},
    {"--passage-translations", "passage_translations",
     "Translations of documents, a corpus file with the same ids; or metadata:NAME, a field of the documents"},
    {"--query-translations", "query_translations", "Translations of queries, topics with the same ids"},
    {"--rerank-translator", "translator",
     "Who translates what is not given: auto, none, or marian, apertium, llm:MODEL, ..., with commas between them"},
    {"--translate-into", "translate_into", "Language of translated queries"},
    {"--requests-per-minute", "requests_per_minute", "Endpoint: so many at most; 0: any number"},
    {"--tokens-per-minute", "tokens_per_minute", "Endpoint: so many at most, read and written; 0: any number"},
    {"--call-limit", "call_limit", "Endpoint: requests that may be made in all; 0: any number"},
    {"--token-limit", "token_limit", "Endpoint: tokens that may be read and written in all; 0: any number"},
    {"--price", "price", "Endpoint: price of a million tokens read and written (0.15:0.6)"},
    {"--spend-limit", "spend_limit", "Endpoint: what may be spent in all, by --price; 0: any sum"},
};

}  // namespace

void SearchFlags::add_reranking(CLI::App& command, const std::string& method_flag) {
  auto* method =
      command.add_option(method_flag, rerank_method_, fmt::format("How to rerank: {}", rerank_method_names()));
  if (method_flag == "--method") method->required();
  command.add_option("--model", options_.rerank_model, "Language model for reranking: a name or a GGUF file");
  command.add_option("--endpoint", rerank_endpoint_,
                     "Address of a server for --model: https://host/v1 (chat) or https://host/v1/rerank");
  command
      .add_option("--adapter", adapters_,
                  "LoRA adapter of the model, a GGUF file, perhaps with a weight (german.gguf:0.5); may be repeated")
      ->allow_extra_args(false);
  const auto defaults = rerank_option_values(RerankOptions{});
  for (const RerankFlag& flag : kRerankFlags) {
    std::string& value = rerank_values_[flag.option];
    value = std::ranges::find(defaults, flag.option, [](const auto& named) { return named.first; })->second;
    // `rerank` reranks and nothing else, so its depth is no other stage's.
    const bool alone = method_flag == "--method" && std::string_view(flag.option) == "depth";
    command.add_option(alone ? "--depth,--rerank-depth" : flag.flag, value, flag.help)->capture_default_str();
  }
  command.add_flag("--calibrate", calibrate_, "pointwise: take off what the model says of an empty passage");
}

EngineOptions SearchFlags::engine_options(const Context& context) const {
  return {.models = context.models,
          .threads = context.threads,
          .cache = context.cache(),
          .cache_bytes = context.cache_bytes,
          .identifier = identifier_};
}

SearchOptions SearchFlags::options() const {
  SearchOptions options = options_;
  options.retrieve.clear();
  for (const std::string& name : split_list(retrieve_)) options.retrieve.push_back(parse_first_stage(name));
  options.fuse.method = parse_fuse_method(fuse_);
  set_retrieval_option(options, "fuse_weights", fuse_weights_);
  options.debias = parse_debias(debias_);
  set_retrieval_option(options, "exposure", exposure_);
  options.translators = split_list(translators_);
  if (!translate_.empty()) {
    options.translate = parse_translate_side(translate_);
  } else if (!options.translation_tables.empty() || !options.translators.empty()) {
    options.translate = TranslateSide::query;
  }
  options.romanized_weight = romanized_weight_;
  set_retrieval_option(options, "by_language", by_language_);
  options.sparse.weighting = parse_sparse_weighting(sparse_weighting_);
  options.sparse.method = parse_sparse_method(sparse_method_);
  options.multivector.method = parse_multi_vector_method(multi_vector_method_);
  set_retrieval_option(options, "field_weights", field_weights_);
  options.bm25.weighting = parse_lexical_weighting(weighting_);
  options.bm25.phrases = parse_phrase_reading(phrases_);
  options.bm25.match = parse_lexical_match(match_);
  options.bm25.statistics = parse_lexical_statistics(statistics_);
  if (documents_in_ == "same") {
    options.same_language = true;
  } else {
    for (const std::string& tag : split_list(documents_in_)) options.documents_in.push_back(Language::parse(tag));
  }
  for (const std::string& condition : where_) options.where.push_back(parse_metadata_condition(condition));
  if (!id_file_.empty()) options.ids = read_ids(id_file_);
  for (const std::string& tag : split_list(query_languages_)) options.query_languages.push_back(Language::parse(tag));
  options.depth = std::max(options.depth, options.hits);
  if (!rerank_endpoint_.empty()) options.rerank_model = rerank_endpoint_ + "#" + options.rerank_model;
  if (!rerank_method_.empty()) {
    options.rerank.emplace();
    for (const auto& [name, value] : rerank_values_) set_rerank_option(*options.rerank, name, value);
    options.rerank->method = parse_rerank_method(rerank_method_);
    options.rerank->calibrate = calibrate_;
    for (const std::string& adapter : adapters_) options.rerank->adapters.push_back(parse_adapter(adapter));
  }
  return options;
}

std::string SearchFlags::tag() const {
  const auto stages = split_list(retrieve_);
  std::string tag;
  for (const std::string& stage : stages) tag += (tag.empty() ? "" : "+") + stage;
  if (stages.size() > 1) tag += "-" + fuse_;
  return rerank_method_.empty() ? tag : tag + "-" + rerank_method_;
}

}  // namespace dragoman::cli
