#pragma once

#include <functional>
#include <string>
#include <vector>

#include "command.h"
#include "dragoman/engine/engine.h"
#include "search_flags.h"

namespace dragoman::cli {

/// What `run` and `rerank` take both.
struct RunArgs {
  std::filesystem::path index;
  std::string topics, output = "-", language, tag;
  SearchFlags flags;
  bool json = false;
};

/// Counts what a run should tell when it is over.
struct RunSummary {
  std::size_t queries = 0, without_hits = 0, truncated_queries = 0, language_identified = 0, reranked = 0;
  RerankReport rerank;
  double mix = 0;  ///< Summed over reranked queries.

  void add(const SearchResult& result);
  void add(const RerankReport& report, double share);
};

/// --topics, --output, --lang, --tag, --json. @return the option --topics.
CLI::Option* add_topics_and_output(CLI::App& command, RunArgs& args);

/// The topics, those without a language in the one that was given.
std::vector<Query> read_topics(const RunArgs& args);

/// To standard error: standard output may be the run itself.
void print_summary(const RunArgs& args, const RunSummary& summary, double seconds);

using TakeResult = std::function<void(const SearchResult&)>;
using AnswerQueries = std::function<void(const Engine& engine, const std::vector<Query>& queries,
                                         const SearchOptions& options, const TakeResult& take)>;

/// For every query a result, a line of the run file for every hit, a summary.
void run_queries(const RunArgs& args, const Context& context, const AnswerQueries& answer);

}  // namespace dragoman::cli
