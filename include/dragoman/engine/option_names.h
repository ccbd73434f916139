#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/engine/search_options.h"

namespace dragoman {

/// Options by their names, for doors that read text: experiment files, command lines. The names are the members' own;
/// where a door needs all of them, these functions keep it from having a list of its own.

/// "rrf", "sum", "calibrated". @throws InvalidArgument for any other, naming the legal values; so do all below.
FuseMethod parse_fuse_method(std::string_view name);
std::string fuse_name(FuseMethod method);
/// "none", "center", "auto".
Debias parse_debias(std::string_view name);
/// "per_language", "pooled".
LexicalStatistics parse_lexical_statistics(std::string_view name);
/// "bm25", "dirichlet".
LexicalWeighting parse_lexical_weighting(std::string_view name);
/// "any", "all".
LexicalMatch parse_lexical_match(std::string_view name);
/// "idf", "plain".
SparseWeighting parse_sparse_weighting(std::string_view name);
/// "exact", "exhaustive", "approximate".
SparseMethod parse_sparse_method(std::string_view name);
/// "pruned", "exhaustive".
MultiVectorMethod parse_multi_vector_method(std::string_view name);
/// "auto", "on", "off".
PhraseReading parse_phrase_reading(std::string_view name);
/// "none", "query".
TranslateSide parse_translate_side(std::string_view name);
/// "as_added", "bisection".
DocumentOrder parse_document_order(std::string_view name);
/// "pointwise", "pairwise", "setwise", "listwise", "tournament", "late_interaction" (or "late-interaction"), "cascade".
RerankMethod parse_rerank_method(std::string_view name);
/// Those names, with commas between.
std::string rerank_method_names();

/// "german.gguf:0.5", or a file alone, with the weight 1.
LanguageModelAdapter parse_adapter(std::string_view text);

/// Names with values, in the order of the names.
using NamedValues = std::vector<std::pair<std::string, std::string>>;

/// What set_retrieval_option() knows: "stages" (as "bm25,dense"), "depth", "fuse", "rrf_k",
/// "fuse_weights" (as "bm25:0.2,dense:1"), "debias" ("none", "center" or "auto"), "debias_queries" (a file),
/// "exposure" ("relevance", "proportional:0.5", "guaranteed:0.5"), "k1", "b", "statistics",
/// "weighting" ("bm25" or "dirichlet"), "mu",
/// "by_language" (k1 and b of some languages, as "de:1.2:0.75,ja:0.5:0.3"), "match" ("any" or "all" words), "phrases"
/// ("auto", "on" or "off"), "proximity", "proximity_depth",
/// "rm3" ("true" or "false"), "rm3_documents", "rm3_terms", "rm3_weight", "exact" ("true" or "false"), "ef" and
/// "nprobe" (of a dense index that is not flat), "sparse_weighting" ("idf" or "plain"), "sparse_method" ("exact",
/// "exhaustive" or "approximate"), "sparse_postings", "sparse_full_scores", "multivector_method" ("pruned" or
/// "exhaustive"), "multivector_probes", "multivector_full_scores", "translate" ("none", "query",
/// "document" or "auto"), "translation_tables" (paths, with commas between them), "translators" (as
/// "apertium,llm:NAME"), "in" (as "de,fr", or "same"), "query_languages" (as
/// "de,fr").
std::span<const std::string_view> retrieval_option_names();
/// @throws InvalidArgument for an unknown name or a value out of range, naming both.
void set_retrieval_option(SearchOptions& options, std::string_view name, std::string_view value);
/// All of them with their values, defaults as well, as set_retrieval_option() would take them. Two searches that agree
/// here do the same.
NamedValues retrieval_option_values(const SearchOptions& options);

/// What set_rerank_option() knows: "method", "depth", "passage_tokens", "sort" ("automatic", "all_pairs", "heap",
/// "sliding"), "top", "window", "stride", "set_size", "passes", "shuffles", "seed", "aggregation" ("borda" or
/// "kemeny"), "answer" ("permutation" or "first_token"), "score" ("yes_no", "graded", "likelihood", "cross_encoder"),
/// "calibrate" ("true" or "false"), "documents" ("passage", "first", "best", "sum", "decayed_sum", "top_mean"),
/// "cascade" (as "late_interaction:100,pointwise:20"), "mix" (a number from 0 to 1, "auto", or "off" for 0), "prompt",
/// "prompt_language", "budget" (as "40calls", "500ms", "2s" or "40calls,2s"; empty for none), "adapters" (as
/// "rank.gguf,german.gguf:0.5"), "passages" and "query_text" ("original", "translated" or "both"),
/// "passage_translations" and "query_translations" (files), "translator" ("auto", "marian", "lexicon", "none"),
/// "translate_into" (a language), "requests_per_minute", "tokens_per_minute", "call_limit", "token_limit", "price" (of
/// a million tokens read and written, as "0.15:0.6") and "spend_limit". A dash in a name is read as an underscore.
std::span<const std::string_view> rerank_option_names();
/// @throws InvalidArgument as above.
void set_rerank_option(RerankOptions& options, std::string_view name, std::string_view value);
/// As above.
NamedValues rerank_option_values(const RerankOptions& options);

}  // namespace dragoman
