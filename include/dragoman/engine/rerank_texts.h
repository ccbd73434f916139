#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/engine/engine.h"
#include "dragoman/evaluate/judgements.h"
#include "dragoman/evaluate/run_file.h"
#include "dragoman/rerank/reranker.h"

namespace dragoman {

/// Reranking where the texts lie in no collection.

/// @param model    language model, a name or a GGUF file; may be empty where the method asks none.
/// @param encoder  where the method needs one with token vectors.
/// @param opened   if given, what it asks: notices() tells more of them than results do.
/// @throws NotFound, InvalidData, InvalidArgument as the models, given translations and make_reranker().
std::unique_ptr<Reranker> open_reranker(const RerankOptions& options, const std::string& model,
                                        const std::string& encoder, const EngineOptions& engine = {},
                                        RerankModels* opened = nullptr);

/// The translation that a document's metadata, a JSON object, has in the field that TranslationSources::passages names;
/// "" if it names none or the field is no text. For Candidate::translation.
std::string translation_in(const RerankOptions& options, std::string_view metadata);

/// What a reranker was asked, as a line of RankLLM's JSON lines has it.
struct RerankRequest {
  Query query;
  std::vector<Candidate> candidates;   ///< Best first; equal scores as they stood.
  std::vector<std::string> documents;  ///< The candidates' "doc", as JSON, to be written again.
};

/// A line: {"query": {"text", "qid"}, "candidates": [{"docid", "score", "doc": {...}}, ...]}. The text of a candidate
/// is the first of "text", "segment", "contents", "content", "body", "passage" in its "doc" (or "doc" itself, a
/// string), behind its "title" if there is one. Further members are ignored.
/// @param place "requests.jsonl:3". @throws InvalidData, naming it, for a line that is malformed, a candidate without a
///        docid, text or finite score, or a docid that comes twice.
RerankRequest parse_rerank_request(std::string_view line, std::string_view place);

/// The requests of a file, plain or compressed, or "-", one by one; blank lines are skipped.
/// @throws NotFound, InvalidData.
void read_rerank_requests(const std::string& path, const std::function<void(RerankRequest)>& take);

/// The answer in the same form: candidates in their new order, with their new scores. With a line break.
std::string rerank_answer_line(const RerankRequest& request, const RerankResult& result);

/// How much of the first stage mixes best, learned on judged queries.
struct LearnedMix {
  struct Step {
    float share = 0;  ///< Of the first stage; 0 is the method alone, 1 the first stage.
    double ndcg = 0;  ///< nDCG@10 over the judged queries.
  };
  std::vector<Step> steps;  ///< By rising share.
  float best = 1;           ///< With the highest nDCG@10; of those within 0.001 of it, the nearest to the first stage.
  double held_out = 0;      ///< nDCG@10 where each fifth of the queries is mixed as the others say.
  std::size_t queries = 0;  ///< Judged ones.
};

/// @param first   first-stage rankings. @param method the same, reranked with mix 0: scores are the method's own. Only
///        documents that both rank count; what was not reranked keeps its place below.
/// @param depth   candidates that were reranked.
/// @throws InvalidArgument if no query is judged.
LearnedMix learn_mix(const Run& first, const Run& method, const Judgements& judgements, std::size_t depth);

/// Keeps a learned share in a collection: searches and rerankings there whose options leave the mix to be told use it
/// for a reranker that judges alike: the same model under the same name, method, prompt, adapters and shown texts. One
/// that was kept before is replaced.
void keep_learned_mix(const std::filesystem::path& collection, const RerankOptions& options, const std::string& model,
                      const LearnedMix& learned);

/// Each ranking that both have, mixed at a share of the first stage, as learn_mix() mixes them.
Run mix_runs(const Run& first, const Run& method, std::size_t depth, double share);

}  // namespace dragoman
