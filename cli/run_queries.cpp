#include "run_queries.h"

#include <fmt/format.h>

#include <chrono>

#include "base/json.h"
#include "dragoman/evaluate/run_file.h"
#include "dragoman/evaluate/topics.h"
#include "rerank_json.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

void write_result(RunWriter& run, const SearchResult& result) {
  Ranking ranking;
  for (const SearchHit& hit : result.hits) ranking.push_back({hit.id, hit.score});
  run.write(result.query.id, ranking);
}

}  // namespace

void RunSummary::add(const SearchResult& result) {
  ++queries;
  without_hits += result.hits.empty();
  truncated_queries += result.explanation.query_truncated;
  language_identified += result.explanation.language_identified;
  if (result.explanation.rerank) add(*result.explanation.rerank, result.explanation.rerank_mix);
}

void RunSummary::add(const RerankReport& report, double share) {
  ++reranked;
  rerank += report;
  mix += share;
}

std::vector<Query> read_topics(const RunArgs& args) {
  std::vector<Query> queries = read_queries(args.topics);
  if (args.language.empty()) return queries;
  const Language language = Language::parse(args.language);
  for (Query& query : queries) {
    if (query.language.undetermined()) query.language = language;
  }
  return queries;
}

/// To standard error: standard output may be the run itself.
void print_summary(const RunArgs& args, const RunSummary& summary, double seconds) {
  if (args.json) {
    OrderedJson json = {{"queries", summary.queries},
                        {"queries_without_hits", summary.without_hits},
                        {"queries_truncated", summary.truncated_queries},
                        {"query_languages_identified", summary.language_identified},
                        {"seconds", seconds}};
    if (summary.reranked != 0)
      json["rerank"] = rerank_json(summary.rerank, summary.mix / static_cast<double>(summary.reranked));
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
  if (summary.reranked != 0)
    fmt::print(stderr, "reranking: {}\n",
               to_line(rerank_json(summary.rerank, summary.mix / static_cast<double>(summary.reranked))));
}

void run_queries(const RunArgs& args, const Context& context, const AnswerQueries& answer) {
  SearchOptions options = args.flags.options();
  options.content = HitContent::id_only;
  const std::vector<Query> queries = read_topics(args);
  const Engine engine(args.index, args.flags.engine_options(context));
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

CLI::Option* add_topics_and_output(CLI::App& command, RunArgs& args) {
  auto* topics =
      command.add_option("--topics", args.topics, "Queries: JSON lines or id<TAB>text; - for standard input");
  command.add_option("--output", args.output, "TREC run to write")->capture_default_str();
  command.add_option("--lang", args.language, "Language of queries that come without one");
  command.add_option("--tag", args.tag, "Name of the system in the run file");
  command.add_flag("--json", args.json, "Summary (on standard error) as JSON");
  return topics;
}

}  // namespace dragoman::cli
