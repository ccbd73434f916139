#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/engine/maintenance.h"
#include "id_file.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

struct DeleteArgs {
  std::filesystem::path index;
  std::vector<std::string> ids;
  std::string id_file;
  bool ignore_missing = false, json = false;
};

struct CompactArgs {
  std::filesystem::path index;
  CompactOptions options;
  bool json = false;
};

/// Missing ids named in a message; a report in JSON has them all.
constexpr std::size_t kNamed = 3;

void run_delete(DeleteArgs args) {
  if (args.ids == std::vector<std::string>{"-"} && args.id_file.empty()) {
    args.ids.clear();
    args.id_file = "-";
  }
  // A file of ids may hold none; a command without any is a mistake.
  if (args.ids.empty() && args.id_file.empty()) {
    throw InvalidArgument("no document to delete; give ids, or a file of them with --ids FILE (- for standard input)");
  }
  if (!args.id_file.empty()) {
    for (std::string& id : read_ids(args.id_file)) args.ids.push_back(std::move(id));
  }
  const auto unknown = args.ignore_missing ? Collection::Unknown::skip : Collection::Unknown::refuse;
  DeleteReport report;
  try {
    report = delete_documents(args.index, args.ids, unknown);
  } catch (const NotFound& error) {
    if (args.ignore_missing || !std::filesystem::exists(args.index / "collection.sqlite")) throw;
    throw NotFound(fmt::format("{}; to pass over them add --ignore-missing", error.what()));
  }
  if (args.json) {
    const OrderedJson json = {
        {"deleted", report.deleted}, {"missing", report.missing}, {"documents", report.documents}};
    fmt::print("{}\n", to_line(json));
    return;
  }
  fmt::print("{}: {} documents deleted, {} left\n", args.index.string(), report.deleted, report.documents);
  if (report.missing.empty()) return;
  std::string named;
  for (std::size_t i = 0; i < std::min(kNamed, report.missing.size()); ++i) {
    named += fmt::format("{}'{}'", i == 0 ? "" : ", ", printable(report.missing[i]));
  }
  fmt::print("{} ids were not there: {}{}\n", report.missing.size(), named,
             report.missing.size() > kNamed ? ", ..." : "");
}

void run_compact(CompactArgs args, const Context& context) {
  args.options.threads = context.threads;
  args.options.models = context.models;
  const auto began = std::chrono::steady_clock::now();
  CompactReport report;
  {
    TerminalProgress progress;
    report = compact_collection(args.index, args.options, progress.callback());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (args.json) {
    const OrderedJson json = {{"segments", report.segments},
                              {"merged", report.merged},
                              {"documents", report.documents},
                              {"outdated", report.outdated},
                              {"bytes_before", report.bytes_before},
                              {"bytes_after", report.bytes_after},
                              {"seconds", seconds}};
    fmt::print("{}\n", to_line(json));
    return;
  }
  fmt::print("{}: {} segments made again, {:.1f} MB instead of {:.1f}, {:.1f} s\n", args.index.string(),
             report.segments, static_cast<double>(report.bytes_after) / 1e6,
             static_cast<double>(report.bytes_before) / 1e6, seconds);
  if (report.merged != 0) fmt::print("{} small segments became fewer and larger\n", report.merged);
  if (report.outdated != 0) {
    fmt::print(
        "{} segments were made by another version and left alone; make them anew with: dragoman index "
        "--rebuild --into {}\n",
        report.outdated, args.index.string());
  }
}

}  // namespace

void add_delete_command(CLI::App& program) {
  auto args = std::make_shared<DeleteArgs>();
  CLI::App* command = program.add_subcommand("delete", "Delete documents from a collection");
  command->add_option("index", args->index, "Folder of the collection")->required();
  command->add_option("id", args->ids, "Ids of documents; - for --ids -");
  command->add_option("--ids", args->id_file, "File with an id a line (also .gz, .zst); - for standard input");
  command->add_flag("--ignore-missing", args->ignore_missing, "Pass over ids that are not there");
  command->add_flag("--json", args->json, "Report as JSON");
  command->footer(
      "All of them go, or none. Searches find the others as if those had never been there.\n"
      "Examples:\n"
      "  dragoman delete my-index d17 d18\n"
      "  dragoman delete my-index --ids withdrawn.txt --ignore-missing");
  command->callback([args] { run_delete(*args); });
}

void add_compact_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<CompactArgs>();
  CLI::App* command = program.add_subcommand("compact", "Free the room that deleted documents take in a collection");
  command->add_option("index", args->index, "Folder of the collection")->required();
  command
      ->add_option("--share", args->options.share,
                   "Make only segments again that lost more than this share of their documents, 0 to 1")
      ->capture_default_str();
  command->add_flag("--json", args->json, "Report as JSON");
  command->footer(
      "Makes index segments again without deleted documents; nothing is encoded, and no result changes.\n"
      "dragoman index does so by itself for segments that lost more than a quarter.\n"
      "Example:\n"
      "  dragoman compact my-index");
  command->callback([args, &context] { run_compact(*args, context); });
}

}  // namespace dragoman::cli
