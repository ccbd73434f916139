#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "command.h"
#include "dragoman/experiment/report.h"

namespace dragoman::cli {
namespace {

struct ReportArgs {
  std::filesystem::path results;
  std::string output, format = "html";
};

void run_report(const ReportArgs& args) {
  const ReportFormat format = parse_report_format(args.format);
  const bool is_folder = std::filesystem::is_directory(args.results);
  const std::filesystem::path results = is_folder ? args.results / "results.json" : args.results;
  std::string output = args.output;
  if (output.empty()) output = format == ReportFormat::html ? (results.parent_path() / "report.html").string() : "-";
  if (output == "-") {
    const std::string report = render_report(results, format);
    std::fwrite(report.data(), 1, report.size(), stdout);
    return;
  }
  write_report(results, output, format);
  fmt::print(stderr, "{}: {:.1f} MB\n", output, static_cast<double>(std::filesystem::file_size(output)) / 1e6);
}

}  // namespace

void add_report_command(CLI::App& program, const Context&) {
  auto args = std::make_shared<ReportArgs>();
  CLI::App* command = program.add_subcommand("report", "Turn the results of a grid into a page or tables");
  command->add_option("results", args->results, "results.json, or the folder that holds it")->required();
  command->add_option("--output", args->output,
                      "File to write; - for standard output. By default report.html beside the results for html, "
                      "standard output for all else");
  command->add_option("--format", args->format, "html, csv, json, latex or markdown")->capture_default_str();
  command->footer(
      "Examples:\n"
      "  dragoman report my-grid/results.json --output my-grid.html\n"
      "  dragoman report my-grid --format latex > tables.tex");
  command->callback([args] { run_report(*args); });
}

}  // namespace dragoman::cli
