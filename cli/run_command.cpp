#include <memory>

#include "command.h"
#include "run_queries.h"

namespace dragoman::cli {
namespace {

void run_run(const RunArgs& args, const Context& context) {
  run_queries(args, context, [](const Engine& engine, const auto& queries, const auto& options, const auto& take) {
    engine.search(queries, options, take);
  });
}

}  // namespace

void add_run_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<RunArgs>();
  CLI::App* command = program.add_subcommand("run", "Ask a collection many questions and write a TREC run");
  command->add_option("index", args->index, "Folder of the collection")->required();
  add_topics_and_output(*command, *args)->required();
  args->flags.add_retrieval(*command);
  args->flags.add_reranking(*command, "--rerank");
  command->get_option("--hits")->default_val(100);
  command->footer(
      "Examples:\n"
      "  dragoman run my-index --topics queries.jsonl --retrieve dense --hits 100 --output dense.run\n"
      "  dragoman run my-index --topics queries.jsonl --retrieve bm25 --field-weights title:4 --output fields.run");
  command->callback([args, &context] { run_run(*args, context); });
}

}  // namespace dragoman::cli
