#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/evaluate/leaderboard.h"
#include "dragoman/evaluate/measures.h"

namespace dragoman::cli {
namespace {

struct LeaderboardArgs {
  std::vector<std::filesystem::path> results;
  std::vector<std::string> measures;
  std::filesystem::path mteb_folder;
  std::string mteb_task = "retrieval";
  bool json = false, markdown = false;
};

/// The names that results have: as parse_measure() writes them, or those of MTEB that it does not know.
std::vector<std::string> measures_of(const LeaderboardArgs& args) {
  std::vector<std::string> names;
  for (const std::string& list : args.measures) {
    try {
      for (const Measure& measure : parse_measures(list)) names.push_back(measure.name);
    } catch (const InvalidArgument&) {
      names.push_back(list);
    }
  }
  return names;
}

OrderedJson to_json(const LeaderboardTable& table) {
  OrderedJson rows = OrderedJson::array();
  for (const LeaderboardRow& row : table.rows) {
    OrderedJson values = OrderedJson::object();
    for (std::size_t i = 0; i < row.values.size(); ++i) values[table.collections[i]] = number_or_null(row.values[i]);
    rows.push_back({{"rank", row.rank},
                    {"system", row.system},
                    {"values", values},
                    {"mean", number_or_null(row.mean)},
                    {"borda", row.borda}});
  }
  return {{"measure", table.measure}, {"collections", table.collections}, {"systems", rows}};
}

std::string cell(double value) { return std::isnan(value) ? "-" : fmt::format("{:.4f}", value); }

void print_markdown(const LeaderboardTable& table) {
  fmt::print("### {}\n\n| rank | system |", table.measure);
  for (const std::string& collection : table.collections) fmt::print(" {} |", collection);
  fmt::print(" mean | Borda |\n|---:|---|");
  for (std::size_t i = 0; i < table.collections.size() + 2; ++i) fmt::print("---:|");
  for (const LeaderboardRow& row : table.rows) {
    fmt::print("\n| {} | {} |", row.rank, row.system);
    for (const double value : row.values) fmt::print(" {} |", cell(value));
    fmt::print(" {} | {:g} |", cell(row.mean), row.borda);
  }
  fmt::print("\n");
}

void print_plain(const LeaderboardTable& table) {
  std::size_t width = 24;
  for (const LeaderboardRow& row : table.rows) width = std::max(width, row.system.size());
  const auto width_of = [](const std::string& collection) { return std::max<std::size_t>(8, collection.size()); };
  fmt::print("{:<4} {:<{}}", "rank", table.measure, width);
  for (const std::string& collection : table.collections) fmt::print(" {:>{}}", collection, width_of(collection));
  fmt::print(" {:>8} {:>6}\n", "mean", "Borda");
  for (const LeaderboardRow& row : table.rows) {
    fmt::print("{:<4} {:<{}}", row.rank, row.system, width);
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      fmt::print(" {:>{}}", cell(row.values[i]), width_of(table.collections[i]));
    }
    fmt::print(" {:>8} {:>6g}\n", cell(row.mean), row.borda);
  }
}

MtebTask parse_mteb_task(const std::string& name) {
  if (name == "retrieval") return MtebTask::retrieval;
  if (name == "bitext") return MtebTask::bitext;
  throw InvalidArgument(fmt::format("--mteb-task is '{}', must be one of: retrieval, bitext", name));
}

void run_leaderboard(const LeaderboardArgs& args) {
  const MtebTask task = parse_mteb_task(args.mteb_task);
  const auto results = read_system_results(args.results);
  if (!args.mteb_folder.empty()) {
    const auto files = write_mteb_results(results, task, args.mteb_folder);
    fmt::print(stderr, "{} results written below {}\n", files.size(), args.mteb_folder.string());
    return;
  }
  const auto tables = make_leaderboard(results, measures_of(args));
  OrderedJson json = OrderedJson::array();
  for (const LeaderboardTable& table : tables) {
    if (args.json) {
      json.push_back(to_json(table));
      continue;
    }
    if (&table != &tables.front()) fmt::print("\n");
    args.markdown ? print_markdown(table) : print_plain(table);
  }
  if (args.json) fmt::print("{}\n", to_line(json));
}

}  // namespace

void add_leaderboard_command(CLI::App& program, const Context& /*context*/) {
  auto args = std::make_shared<LeaderboardArgs>();
  CLI::App* command = program.add_subcommand("leaderboard", "Rank systems over the results of several experiments");
  command
      ->add_option("results", args->results,
                   "results.json of grids and results of MTEB: files, or folders to search for them")
      ->required();
  command->add_option("--measures,-m", args->measures, "A table for each of these [the one that results put first]")
      ->allow_extra_args(false);
  command->add_flag("--markdown", args->markdown, "Tables in Markdown");
  auto* json = command->add_flag("--json", args->json, "Answer as JSON");
  command->get_option("--markdown")->excludes(json);
  command->add_option("--export-mteb", args->mteb_folder, "Write the results as MTEB does, below this folder, instead");
  command->add_option("--mteb-task", args->mteb_task, "export-mteb: retrieval or bitext")->capture_default_str();
  command->footer(
      "Example:\n"
      "  dragoman leaderboard experiments/ e5-small-mteb/ -m nDCG@10 --markdown");
  command->callback([args] { run_leaderboard(*args); });
}

}  // namespace dragoman::cli
