#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>

#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/engine/rerank_texts.h"
#include "dragoman/evaluate/judgements.h"
#include "dragoman/evaluate/run_file.h"
#include "run_queries.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

struct RerankArgs : RunArgs {
  std::string input_run;
  std::string corpus, requests, judgements;
  std::string encoder = "multilingual-e5-small";
};

/// Before a model is asked anything, for that may take hours.
void require_topics(const RerankArgs& args, std::span<const Query> queries, const Run& first_stage) {
  const auto known = static_cast<std::size_t>(
      std::ranges::count_if(queries, [&](const Query& query) { return first_stage.contains(query.id); }));
  if (known == first_stage.size()) return;
  throw InvalidData(fmt::format("{}: {} of its {} queries are not in {}; give the topics that the run was made with",
                                args.input_run, first_stage.size() - known, first_stage.size(), args.topics));
}

void rerank_index(const RerankArgs& args, const Context& context) {
  const Run first_stage = read_run(args.input_run);
  run_queries(args, context,
              [&](const Engine& engine, const auto& queries, SearchOptions options, const TakeResult& take) {
                require_topics(args, queries, first_stage);
                for (const Query& query : queries) {
                  const auto found = first_stage.find(query.id);
                  if (found == first_stage.end()) continue;
                  options.hits = std::max<std::size_t>(1, found->second.size());
                  take(engine.rerank(query, found->second, options));
                }
              });
}

/// The documents that a run names, as candidates without scores: each text behind its title.
std::map<std::string, Candidate> read_candidates(const RerankArgs& args, const RerankOptions& options, const Run& run) {
  std::set<std::string> wanted;
  for (const auto& [query, ranking] : run) {
    for (const Hit& hit : ranking) wanted.insert(hit.id);
  }
  std::map<std::string, Candidate> texts;
  CorpusReader corpus(args.corpus);
  for (Document document; corpus.next(document);) {
    if (!wanted.contains(document.id)) continue;
    Candidate& candidate = texts[document.id];
    candidate.id = document.id;
    candidate.text = document.title.empty() ? document.text : document.title + " " + document.text;
    candidate.translation = translation_in(options, document.metadata);
    if (document.language_given) candidate.language = document.language;
  }
  for (const std::string& id : wanted) {
    if (!texts.contains(id)) {
      throw InvalidData(fmt::format("{}: document '{}' of {} is not in it; give the corpus that was searched",
                                    args.corpus, printable(id), args.input_run));
    }
  }
  return texts;
}

struct Reranks {
  RerankOptions options;
  RerankModels models;
  std::unique_ptr<Reranker> reranker;

  void print_notices() const {
    for (const std::string& notice : notices(models)) fmt::print(stderr, "{}\n", notice);
  }
};

Reranks open(const RerankArgs& args, const Context& context) {
  const SearchOptions options = args.flags.options();
  RerankOptions of_reranker = *options.rerank;
  if (!args.judgements.empty()) of_reranker.mix = 0;
  Reranks reranks{.options = of_reranker, .models = {}, .reranker = nullptr};
  reranks.reranker = open_reranker(of_reranker, options.rerank_model, args.encoder, args.flags.engine_options(context),
                                   &reranks.models);
  return reranks;
}

void print_learned(const LearnedMix& learned) {
  fmt::print(stderr, "share of the first stage: nDCG@10 over {} judged queries\n", learned.queries);
  for (const LearnedMix::Step& step : learned.steps) fmt::print(stderr, "  {:.2f}  {:.4f}\n", step.share, step.ndcg);
  fmt::print(stderr, "best: --mix {:.2f}; {:.4f} on queries that it was not learned on\n", learned.best,
             learned.held_out);
}

/// Learns the first stage's share from scores of the method alone, and mixes by it.
LearnedMix learn(const RerankArgs& args, std::size_t depth, const Run& first_stage, Run& reranked,
                 RunSummary& summary) {
  LearnedMix learned = learn_mix(first_stage, reranked, read_judgements(args.judgements), depth);
  print_learned(learned);
  reranked = mix_runs(first_stage, reranked, depth, static_cast<double>(learned.best));
  summary.mix = static_cast<double>(learned.best) * static_cast<double>(summary.reranked);
  return learned;
}

void write(const RerankArgs& args, const std::vector<Query>& queries, const Run& reranked) {
  RunWriter run(args.output, args.tag.empty() ? args.flags.tag() : args.tag);
  for (const Query& query : queries) {
    if (const auto found = reranked.find(query.id); found != reranked.end()) run.write(query.id, found->second);
  }
  run.commit();
}

/// Each query that the first stage has an answer to, in the order of the topics, with progress. @param rerank reranks
/// one, and puts what came of it into the summary.
void for_each_query(const std::vector<Query>& queries, const Run& first_stage, const RunSummary& summary,
                    const std::function<void(const Query&, const Ranking&)>& rerank) {
  TerminalProgress progress;
  const auto callback = progress.callback();
  for (const Query& query : queries) {
    const auto found = first_stage.find(query.id);
    if (found == first_stage.end()) continue;
    rerank(query, found->second);
    report(callback, {"rerank", "queries", summary.queries, first_stage.size()});
  }
}

/// In a collection, which keeps what was learned for searches to come.
void learn_in_index(const RerankArgs& args, const Context& context) {
  const Run first_stage = read_run(args.input_run);
  const std::vector<Query> queries = read_topics(args);
  require_topics(args, queries, first_stage);
  SearchOptions options = args.flags.options();
  const RerankOptions of_reranker = *options.rerank;
  options.rerank->mix = 0;
  options.content = HitContent::id_only;
  const Engine engine(args.index, args.flags.engine_options(context));
  const auto began = std::chrono::steady_clock::now();
  RunSummary summary;
  Run reranked;
  for_each_query(queries, first_stage, summary, [&](const Query& query, const Ranking& ranking) {
    options.hits = std::max<std::size_t>(1, ranking.size());
    const SearchResult result = engine.rerank(query, ranking, options);
    for (const SearchHit& hit : result.hits) reranked[query.id].push_back({hit.id, hit.score});
    summary.add(result);
  });
  for (const std::string& notice : engine.notices()) fmt::print(stderr, "{}\n", notice);
  const LearnedMix learned = learn(args, deepest(of_reranker), first_stage, reranked, summary);
  keep_learned_mix(args.index, of_reranker, options.rerank_model, learned);
  fmt::print(stderr, "kept in {}: searches there that leave --mix to be told use it for this reranker\n",
             args.index.string());
  write(args, queries, reranked);
  print_summary(args, summary, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

/// Without a collection: texts come from the corpus file, and are read from their beginning.
void rerank_corpus(const RerankArgs& args, const Context& context) {
  const Run first_stage = read_run(args.input_run);
  const std::vector<Query> queries = read_topics(args);
  require_topics(args, queries, first_stage);
  const Reranks reranks = open(args, context);
  const auto texts = read_candidates(args, reranks.options, first_stage);
  const auto began = std::chrono::steady_clock::now();
  RunSummary summary;
  Run reranked;
  for_each_query(queries, first_stage, summary, [&](const Query& query, const Ranking& found) {
    std::vector<Candidate> candidates;
    for (const Hit& hit : found) {
      candidates.push_back(texts.at(hit.id));
      candidates.back().score = hit.score;
    }
    const RerankResult result = reranks.reranker->rerank(query, candidates);
    Ranking& ranking = reranked[query.id];
    for (const Reranked& item : result.order) ranking.push_back({candidates[item.candidate].id, item.score});
    ++summary.queries;
    summary.add(result.report, result.mix);
  });
  if (!args.judgements.empty()) learn(args, deepest(reranks.options), first_stage, reranked, summary);
  write(args, queries, reranked);
  reranks.print_notices();
  print_summary(args, summary, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

void rerank_requests(const RerankArgs& args, const Context& context) {
  const Reranks reranks = open(args, context);
  const auto began = std::chrono::steady_clock::now();
  RunSummary summary;
  // Appears whole, or not at all; standard output has no such care.
  const std::unique_ptr<AtomicFile> file = args.output == "-" ? nullptr : std::make_unique<AtomicFile>(args.output);
  read_rerank_requests(args.requests, [&](RerankRequest request) {
    for (std::size_t i = 0; i < request.candidates.size(); ++i) {
      request.candidates[i].translation = translation_in(reranks.options, request.documents[i]);
    }
    const RerankResult result = reranks.reranker->rerank(request.query, request.candidates);
    const std::string line = rerank_answer_line(request, result);
    if (file) {
      file->write(line);
    } else {
      fmt::print("{}", line);
    }
    ++summary.queries;
    summary.add(result.report, result.mix);
  });
  if (file) file->commit();
  reranks.print_notices();
  print_summary(args, summary, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

void run_rerank(const RerankArgs& args, const Context& context) {
  if (!args.requests.empty()) {
    if (!args.input_run.empty() || !args.index.empty() || !args.corpus.empty() || !args.judgements.empty()) {
      throw InvalidArgument("--requests brings its own queries and texts: give no run, index, corpus or judgements");
    }
    return rerank_requests(args, context);
  }
  if (args.input_run.empty() || args.topics.empty() || (args.index.empty() == args.corpus.empty())) {
    throw InvalidArgument("rerank needs a run, --topics, and one of --index and --corpus; or --requests");
  }
  if (!args.corpus.empty()) return rerank_corpus(args, context);
  return args.judgements.empty() ? rerank_index(args, context) : learn_in_index(args, context);
}

}  // namespace

void add_rerank_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<RerankArgs>();
  CLI::App* command = program.add_subcommand("rerank", "Rerank a TREC run, or lists of texts");
  command->add_option("run", args->input_run, "TREC run of the first stage; - for standard input");
  command->add_option("--index", args->index, "Folder of the collection that was searched");
  command->add_option("--corpus", args->corpus, "Instead of a collection: the documents, as index takes them");
  command->add_option("--requests", args->requests,
                      "Instead of run and documents: RankLLM's requests (JSON lines); the output has the same form");
  command->add_option(
      "--learn-mix", args->judgements,
      "Judgements (qrels) to learn the first stage's share from; with --index it is kept there, for searches");
  command->add_option("--encoder", args->encoder, "late-interaction without a collection: the encoder")
      ->capture_default_str();
  add_topics_and_output(*command, *args);
  args->flags.add_reranking(*command, "--method");
  command->footer(
      "Examples:\n"
      "  dragoman rerank dense.run --index my-index --topics queries.jsonl --method pointwise \\\n"
      "    --model smollm2-135m-instruct --depth 10 --output reranked.run\n"
      "  dragoman rerank bm25.run --corpus corpus.jsonl --topics queries.jsonl --method late-interaction\n"
      "  dragoman rerank dense.run --corpus corpus.jsonl --topics queries.jsonl --method setwise --sort sliding \\\n"
      "    --model smollm2-135m-instruct --learn-mix judged.qrels --output reranked.run\n"
      "  dragoman rerank dense.run --index my-index --topics queries.jsonl --method pointwise --score cross_encoder "
      "\\\n"
      "    --model bge-reranker-v2-m3 --learn-mix judged.qrels\n"
      "  dragoman rerank dense.run --index my-index --topics queries.jsonl --method pointwise --model my-model \\\n"
      "    --adapter ranking.gguf --adapter swahili.gguf:0.5 --passages both\n"
      "  dragoman rerank dense.run --corpus corpus.jsonl --topics queries.jsonl --method listwise --model gpt-x \\\n"
      "    --endpoint https://host/v1 --requests-per-minute 60 --price 0.15:0.6 --spend-limit 2\n"
      "  dragoman rerank --requests requests.jsonl --method listwise --model smollm2-135m-instruct");
  command->callback([args, &context] { run_rerank(*args, context); });
}

}  // namespace dragoman::cli
