#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/engine/engine.h"
#include "dragoman/evaluate/run_file.h"
#include "dragoman/evaluate/topics.h"
#include "rerank_json.h"
#include "search_flags.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

struct RunArgs {
  std::filesystem::path index;
  std::string input_run;  // rerank only: the first stage's run.
  std::string topics, output = "-", language, tag;
  SearchFlags flags;
  bool json = false;
};

/// Counts what a run should tell when it is over.
struct RunSummary {
  std::size_t queries = 0, without_hits = 0, truncated_queries = 0, language_identified = 0;
  RerankReport rerank;

  void add(const SearchResult& result) {
    ++queries;
    without_hits += result.hits.empty();
    truncated_queries += result.explanation.query_truncated;
    language_identified += result.explanation.language_identified;
    if (result.explanation.rerank) rerank += *result.explanation.rerank;
  }
};

std::vector<Query> read_topics(const RunArgs& args) {
  std::vector<Query> queries = read_queries(args.topics);
  if (args.language.empty()) return queries;
  const Language language = Language::parse(args.language);
  for (Query& query : queries) {
    if (query.language.undetermined()) query.language = language;
  }
  return queries;
}

void write_result(RunWriter& run, const SearchResult& result) {
  Ranking ranking;
  for (const SearchHit& hit : result.hits) ranking.push_back({hit.id, hit.score});
  run.write(result.query.id, ranking);
}

bool asked(const RerankReport& report) { return report.calls + report.cache_hits + report.skipped != 0; }

/// To standard error: standard output may be the run itself.
void print_summary(const RunArgs& args, const RunSummary& summary, double seconds) {
  if (args.json) {
    OrderedJson json = {{"queries", summary.queries},
                        {"queries_without_hits", summary.without_hits},
                        {"queries_truncated", summary.truncated_queries},
                        {"query_languages_identified", summary.language_identified},
                        {"seconds", seconds}};
    if (asked(summary.rerank)) json["rerank"] = rerank_json(summary.rerank);
    fmt::print(stderr, "{}\n", to_line(json));
    return;
  }
  fmt::print(stderr, "{} queries in {:.1f} s ({:.1f} a second)\n", summary.queries, seconds,
             static_cast<double>(summary.queries) / seconds);
  if (summary.without_hits != 0) fmt::print(stderr, "{} queries found nothing\n", summary.without_hits);
  if (summary.truncated_queries != 0) {
    fmt::print(stderr, "{} queries are longer than the encoder reads; their ends were left out\n",
               summary.truncated_queries);
  }
  if (summary.language_identified != 0) {
    fmt::print(stderr, "{} queries came without a language; it was told from their script\n",
               summary.language_identified);
  }
  if (asked(summary.rerank)) fmt::print(stderr, "reranking: {}\n", to_line(rerank_json(summary.rerank)));
}

/// What `run` and `rerank` share: for every query a result, a line of the run file for every hit, a summary.
template <class Answer>
void run_queries(const RunArgs& args, const Context& context, Answer answer) {
  SearchOptions options = args.flags.options();
  options.content = HitContent::id_only;
  const std::vector<Query> queries = read_topics(args);
  const Engine engine(args.index, {.models = context.models,
                                   .threads = context.threads,
                                   .cache = context.cache(),
                                   .cache_bytes = context.cache_bytes,
                                   .identifier = args.flags.identifier()});
  const auto began = std::chrono::steady_clock::now();
  RunSummary summary;
  RunWriter run(args.output, args.tag.empty() ? args.flags.tag() : args.tag);
  {
    TerminalProgress progress;
    const auto callback = progress.callback();
    answer(engine, queries, options, [&](const SearchResult& result) {
      write_result(run, result);
      summary.add(result);
      report(callback, {"search", "queries", summary.queries, queries.size()});
    });
  }
  run.commit();
  for (const std::string& notice : engine.notices()) fmt::print(stderr, "{}\n", notice);
  print_summary(args, summary, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

void run_run(const RunArgs& args, const Context& context) {
  run_queries(args, context, [](const Engine& engine, const auto& queries, const auto& options, const auto& take) {
    engine.search(queries, options, take);
  });
}

void run_rerank(const RunArgs& args, const Context& context) {
  const Run first_stage = read_run(args.input_run);
  run_queries(args, context, [&](const Engine& engine, const auto& queries, SearchOptions options, const auto& take) {
    std::size_t known = 0;
    for (const Query& query : queries) {
      const auto found = first_stage.find(query.id);
      if (found == first_stage.end()) continue;
      ++known;
      options.hits = std::max<std::size_t>(1, found->second.size());
      take(engine.rerank(query, found->second, options));
    }
    if (known < first_stage.size()) {
      throw InvalidData(
          fmt::format("{}: {} of its {} queries are not in {}; give the topics that the run was made with",
                      args.input_run, first_stage.size() - known, first_stage.size(), args.topics));
    }
  });
}

void add_topics_and_output(CLI::App& command, const std::shared_ptr<RunArgs>& args) {
  command.add_option("--topics", args->topics, "Queries: JSON lines or id<TAB>text; - for standard input")->required();
  command.add_option("--output", args->output, "TREC run to write")->capture_default_str();
  command.add_option("--lang", args->language, "Language of queries that come without one");
  command.add_option("--tag", args->tag, "Name of the system in the run file");
  command.add_flag("--json", args->json, "Summary (on standard error) as JSON");
}

}  // namespace

void add_run_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<RunArgs>();
  CLI::App* command = program.add_subcommand("run", "Ask a collection many questions and write a TREC run");
  command->add_option("index", args->index, "Folder of the collection")->required();
  add_topics_and_output(*command, args);
  args->flags.add_retrieval(*command);
  args->flags.add_reranking(*command, "--rerank");
  command->get_option("--hits")->default_val(100);
  command->footer(
      "Examples:\n"
      "  dragoman run my-index --topics queries.jsonl --retrieve dense --hits 100 --output dense.run\n"
      "  dragoman run my-index --topics queries.jsonl --retrieve bm25 --field-weights title:4 --output fields.run");
  command->callback([args, &context] { run_run(*args, context); });
}

void add_rerank_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<RunArgs>();
  CLI::App* command = program.add_subcommand("rerank", "Rerank a TREC run with a language model");
  command->add_option("run", args->input_run, "TREC run of the first stage; - for standard input")->required();
  command->add_option("--index", args->index, "Folder of the collection that was searched")->required();
  add_topics_and_output(*command, args);
  args->flags.add_reranking(*command, "--method");
  command->footer(
      "Example:\n"
      "  dragoman rerank dense.run --index my-index --topics queries.jsonl --method pointwise \\\n"
      "    --model smollm2-135m-instruct --rerank-depth 10 --output reranked.run");
  command->callback([args, &context] { run_rerank(*args, context); });
}

}  // namespace dragoman::cli
