#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/experiment/grid.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

struct GridArgs {
  std::filesystem::path file;
  GridOptions options;
  bool dry_run = false, json = false;
};

std::string duration(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

OrderedJson to_json(const GridPlan& plan) {
  OrderedJson json = {{"cells", plan.cells},
                      {"parts_unshared", plan.parts_unshared},
                      {"left_cpu_s", plan.left_cpu_s},
                      {"left_wall_s", plan.left_wall_s}};
  json["parts"] = OrderedJson::array();
  for (const PlannedPart& part : plan.parts) {
    json["parts"].push_back({{"kind", part.kind},
                             {"label", part.label},
                             {"queries", part.queries},
                             {"done", part.done},
                             {"cells", part.cells},
                             {"left_cpu_s", part.left_cpu_s},
                             {"estimated_by", part.estimated_by}});
  }
  return json;
}

void print(const GridPlan& plan) {
  fmt::print("{} cells:\n", plan.cells.size());
  for (const std::string& cell : plan.cells) fmt::print("  {}\n", cell);
  fmt::print("\n{} pieces of work, instead of {} if cells shared nothing:\n", plan.parts.size(), plan.parts_unshared);
  fmt::print("  {:<9} {:<44} {:>11} {:>6} {:>9}  {}\n", "what", "which", "done", "cells", "CPU time", "estimated by");
  for (const PlannedPart& part : plan.parts) {
    const std::string done =
        part.kind == "index" ? (part.done != 0 ? "yes" : "no") : fmt::format("{} of {}", part.done, part.queries);
    fmt::print("  {:<9} {:<44} {:>11} {:>6} {:>9}  {}\n", part.kind, part.label, done, part.cells,
               duration(part.left_cpu_s), part.estimated_by);
  }
  fmt::print("\nstill to be spent: {} of CPU time, about {}\n", duration(plan.left_cpu_s), duration(plan.left_wall_s));
}

void print(const GridReport& report) {
  fmt::print("{} cells; {} answers were there, {} were made\n", report.cells, report.answers_kept, report.answers_made);
  fmt::print("results   {}\nreport    {}\n", report.results.string(), report.page.string());
  for (const std::string& sentence : report.failed_expectations) fmt::print("not as expected: {}\n", sentence);
}

void run_grid_command(GridArgs args, const Context& context) {
  const Experiment experiment = read_experiment(args.file);
  if (args.options.output.empty()) args.options.output = experiment.name + "-results";
  args.options.models = context.models;
  args.options.threads = context.threads;
  // Costs are measured here, so only a cache that was asked for by name is used.
  if (!context.no_cache) args.options.cache = context.named_cache;
  args.options.cache_bytes = context.cache_bytes;
  if (args.dry_run) {
    const GridPlan plan = plan_grid(experiment, args.options);
    if (args.json) {
      fmt::print("{}\n", to_line(to_json(plan)));
    } else {
      print(plan);
    }
    return;
  }
  GridReport report;
  {
    TerminalProgress progress;
    report = run_grid(experiment, args.options, progress.callback());
  }
  if (args.json) {
    fmt::print("{}\n", to_line(OrderedJson{{"results", report.results.string()},
                                           {"report", report.page.string()},
                                           {"cells", report.cells},
                                           {"answers_kept", report.answers_kept},
                                           {"answers_made", report.answers_made},
                                           {"failed_expectations", report.failed_expectations}}));
  } else {
    print(report);
  }
  if (!report.failed_expectations.empty()) {
    throw InvalidData(fmt::format("{} of {} expected scores did not come out", report.failed_expectations.size(),
                                  experiment.expected.size()));
  }
}

}  // namespace

void add_grid_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<GridArgs>();
  CLI::App* command = program.add_subcommand("grid", "Run an experiment: every retriever with every reranker, judged");
  command->add_option("file", args->file, "The experiment (YAML)")->required();
  command->add_option("--output", args->options.output, "Folder of the results [its name, with -results behind]");
  command->add_flag("--dry-run", args->dry_run, "Tell the cells, what is done, and how long the rest may take");
  command->add_flag("--json", args->json, "Answer as JSON");
  command->footer(
      "What is done is not done again: a grid that was interrupted is finished by the same command.\n"
      "Encodings are kept and used only where --cache names a folder: what comes from there costs nothing.\n"
      "Ends with 1 if an expected score of the file does not come out.\n"
      "Example:\n"
      "  dragoman grid experiments/sample.yaml --output sample-results");
  command->callback([args, &context] { run_grid_command(*args, context); });
}

}  // namespace dragoman::cli
