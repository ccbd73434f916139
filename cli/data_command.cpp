#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/dataset/check.h"
#include "dragoman/dataset/convert.h"
#include "dragoman/dataset/stats.h"
#include "search_flags.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

struct ConvertArgs {
  ConvertOptions options;
  std::string language, query_language, fields = "title", title_elements, text_elements;
  bool json = false;
};

/// A folder, or its parts by name.
struct PartArgs {
  std::filesystem::path folder;
  std::string corpus, queries;
  std::vector<std::string> judgements;
  bool json = false;
};

struct CheckArgs {
  PartArgs parts;
  CheckOptions options;
};

Language parse_language(const std::string& tag) { return tag.empty() ? Language() : Language::parse(tag); }

OrderedJson to_json(const ConvertReport& report) {
  return {{"documents", report.documents},
          {"queries", report.queries},
          {"judgements", report.judgements},
          {"notes", report.notes}};
}

void convert(ConvertArgs args) {
  args.options.language = parse_language(args.language);
  args.options.query_language = parse_language(args.query_language);
  args.options.fields = parse_topic_fields(args.fields);
  args.options.title_elements = split_list(args.title_elements);
  args.options.text_elements = split_list(args.text_elements);
  ConvertReport report;
  {
    TerminalProgress progress;
    report = convert_dataset(args.options, progress.callback());
  }
  if (args.json) {
    fmt::print("{}\n", to_line(to_json(report)));
    return;
  }
  std::string judgements;
  for (const auto& [split, count] : report.judgements) judgements += fmt::format(", {} judgements in {}", count, split);
  fmt::print("{}: {} documents, {} queries{}\n", args.options.into.string(), report.documents, report.queries,
             judgements);
  for (const auto& [what, count] : report.notes) fmt::print("{:>10} {}\n", count, what);
}

/// Name of a judgements file as a split: "test" of "qrels/test.tsv.gz".
std::string split_name(const std::string& path) {
  std::filesystem::path name = std::filesystem::path(path).filename();
  for (const char* ending : {".gz", ".zst", ".tsv", ".txt"}) {
    if (name.extension() == ending) name = name.stem();
  }
  return name.string();
}

DatasetFiles files_of(const PartArgs& args) {
  DatasetFiles files;
  const bool by_name = !args.corpus.empty() || !args.queries.empty() || !args.judgements.empty();
  if (!args.folder.empty()) {
    files = dataset_files(args.folder);
  } else if (!by_name) {
    throw InvalidArgument("nothing to look at; give a BEIR folder, or --corpus, --topics and --qrels");
  }
  if (!args.corpus.empty()) files.corpus = args.corpus;
  if (!args.queries.empty()) files.queries = args.queries;
  if (!args.judgements.empty()) files.judgements.clear();
  for (const std::string& path : args.judgements) files.judgements[split_name(path)] = path;
  return files;
}

OrderedJson to_json(const CheckReport& report) {
  OrderedJson json = {{"documents", report.documents},
                      {"queries", report.queries},
                      {"judgements", report.judgements},
                      {"findings", OrderedJson::array()}};
  for (const Finding& finding : report.findings) {
    json["findings"].push_back({{"problem", problem_name(finding.problem)},
                                {"severity", severity_of(finding.problem) == Severity::error ? "error" : "warning"},
                                {"count", finding.count},
                                {"examples", finding.examples}});
  }
  return json;
}

void print(const CheckReport& report) {
  fmt::print("{} documents, {} queries, {} judgements\n", report.documents, report.queries, report.judgements);
  for (const Finding& finding : report.findings) {
    fmt::print("{:<8}{:>8}  {}\n", severity_of(finding.problem) == Severity::error ? "error" : "warning", finding.count,
               problem_name(finding.problem));
    for (const std::string& example : finding.examples) fmt::print("                    {}\n", example);
  }
  if (report.findings.empty()) fmt::print("nothing found\n");
}

void check(const CheckArgs& args) {
  CheckReport report;
  {
    TerminalProgress progress;
    report = check_dataset(files_of(args.parts), args.options, progress.callback());
  }
  if (args.parts.json) {
    fmt::print("{}\n", to_line(to_json(report)));
  } else {
    print(report);
  }
  // The report is the answer; that the collection cannot be used as it is, is the exit code.
  std::uint64_t errors = 0;
  for (const Finding& finding : report.findings) {
    if (severity_of(finding.problem) == Severity::error) errors += finding.count;
  }
  if (errors == 0) return;
  std::fflush(stdout);  // The report comes before what is said of it on standard error.
  throw InvalidData(fmt::format("the collection has {}", errors == 1 ? "an error" : fmt::format("{} errors", errors)));
}

OrderedJson to_json(const Distribution& values) {
  return {{"count", values.count},   {"mean", values.mean}, {"min", values.least},
          {"median", values.median}, {"p95", values.p95},   {"max", values.most}};
}

OrderedJson to_json(const std::map<std::string, LanguageStats>& languages) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [tag, stats] : languages) {
    json[tag] = {{"count", stats.count},
                 {"empty", stats.empty},
                 {"code_points", to_json(stats.code_points)},
                 {"words", to_json(stats.words)}};
  }
  return json;
}

OrderedJson to_json(const DatasetStats& stats) {
  OrderedJson json = {{"documents", to_json(stats.documents)},
                      {"queries", to_json(stats.queries)},
                      {"questions", stats.questions},
                      {"parallel_queries", stats.parallel_queries},
                      {"splits", OrderedJson::object()}};
  for (const auto& [name, split] : stats.splits) {
    OrderedJson grades = OrderedJson::object();
    for (const auto& [grade, count] : split.grades) grades[std::to_string(grade)] = count;
    json["splits"][name] = {{"queries", split.queries},
                            {"judgements", split.judgements},
                            {"queries_by_language", split.queries_by_language},
                            {"relevant_by_pair", split.judgements_by_pair},
                            {"grades", std::move(grades)},
                            {"relevant_per_query", to_json(split.relevant)}};
  }
  return json;
}

void print_lengths(std::string_view title, const std::map<std::string, LanguageStats>& languages) {
  fmt::print("{:<12}{:>9}{:>7}  {:>8}{:>8}{:>8}{:>8}  {:>8}{:>8}{:>8}{:>8}\n", title, "count", "empty", "letters",
             "median", "p95", "most", "words", "median", "p95", "most");
  for (const auto& [tag, stats] : languages) {
    const Distribution &letters = stats.code_points, &words = stats.words;
    fmt::print("{:<12}{:>9}{:>7}  {:>8.1f}{:>8}{:>8}{:>8}  {:>8.1f}{:>8}{:>8}{:>8}\n", tag, stats.count, stats.empty,
               letters.mean, letters.median, letters.p95, letters.most, words.mean, words.median, words.p95,
               words.most);
  }
}

void print(const DatasetStats& stats) {
  if (!stats.documents.empty()) print_lengths("documents", stats.documents);
  if (!stats.queries.empty()) {
    print_lengths("queries", stats.queries);
    std::uint64_t queries = 0;
    for (const auto& [tag, language] : stats.queries) queries += language.count;
    fmt::print("{} questions; {} of {} queries ({:.1f}%) have a translation among the others\n", stats.questions,
               stats.parallel_queries, queries,
               100.0 * static_cast<double>(stats.parallel_queries) / static_cast<double>(queries));
  }
  for (const auto& [name, split] : stats.splits) {
    fmt::print("split {}: {} judgements of {} queries; relevant a query: mean {:.2f}, median {}, at most {}\n", name,
               split.judgements, split.queries, split.relevant.mean, split.relevant.median, split.relevant.most);
    std::string grades, languages;
    for (const auto& [grade, count] : split.grades) grades += fmt::format("  {}: {}", grade, count);
    for (const auto& [tag, count] : split.queries_by_language) languages += fmt::format("  {}: {}", tag, count);
    fmt::print("  grades   {}\n  queries  {}\n  {} pairs of languages\n", grades, languages,
               split.judgements_by_pair.size());
  }
}

void show_stats(const PartArgs& args) {
  DatasetStats stats;
  {
    TerminalProgress progress;
    stats = dataset_stats(files_of(args), progress.callback());
  }
  if (args.json) {
    fmt::print("{}\n", to_line(to_json(stats)));
  } else {
    print(stats);
  }
}

void list_formats(bool json) {
  OrderedJson list = OrderedJson::array();
  for (const DatasetFormat& format : dataset_formats()) {
    if (json) {
      list.push_back({{"name", format.name}, {"files", format.files}, {"becomes", format.becomes}});
    } else {
      fmt::print("{:<10} {}\n{:<10} -> {}\n", format.name, format.files, "", format.becomes);
    }
  }
  if (json) fmt::print("{}\n", to_line(list));
}

void add_parts(CLI::App& command, PartArgs& args) {
  command.add_option("folder", args.folder, "A BEIR folder");
  command.add_option("--corpus", args.corpus, "Documents, instead of the folder's");
  command.add_option("--topics", args.queries, "Queries, instead of the folder's");
  command.add_option("--qrels", args.judgements, "Judgements, instead of the folder's; a split each");
  command.add_flag("--json", args.json, "Answer as JSON");
}

void add_convert(CLI::App& parent) {
  auto args = std::make_shared<ConvertArgs>();
  CLI::App* command = parent.add_subcommand("convert", "Bring a test collection into one form, a BEIR folder");
  command->add_option("--from", args->options.from, "Format (see: dragoman data formats), or a set: miracl/sw/dev")
      ->required();
  command->add_option("inputs", args->options.inputs, "Files or folders, also .gz and .zst")->required();
  command->add_option("--into", args->options.into, "Folder to make")->required();
  command->add_option("--lang", args->language, "Language of documents that do not say theirs");
  command->add_option("--query-lang", args->query_language, "Language of queries; of several wordings, which to ask");
  command->add_option("--split", args->options.split, "Split of judgements whose file does not say")
      ->capture_default_str();
  command->add_option("--fields", args->fields, "Of topics, joined by +: title, description, narrative")
      ->capture_default_str();
  command->add_option("--encoding", args->options.encoding, "Of SGML and tab-separated files [declared, else utf-8]");
  command->add_option("--title-elements", args->title_elements, "SGML elements that make the title (a,b,c)");
  command->add_option("--text-elements", args->text_elements, "SGML elements that make the text (a,b,c)");
  command->add_flag("--json", args->json, "Report as JSON");
  command->footer(
      "Examples:\n"
      "  dragoman data convert --from miracl/sw/dev miracl-v1.0-sw --into miracl-sw\n"
      "  dragoman data convert --from clef docs/*.sgml topics.xml qrels.txt --lang de --encoding iso-8859-1 --into "
      "clef-de");
  command->callback([args] { convert(*args); });
}

}  // namespace

void add_data_command(CLI::App& program, const Context&) {
  CLI::App* command = program.add_subcommand("data", "Convert, check and count test collections");
  command->require_subcommand(1);
  command->fallthrough();
  command->footer("Example:\n  dragoman data check my-collection");
  add_convert(*command);

  auto check_args = std::make_shared<CheckArgs>();
  CLI::App* check_command =
      command->add_subcommand("check", "Tell what is wrong with a collection; ends with 1 on errors");
  add_parts(*check_command, check_args->parts);
  check_command->add_option("--examples", check_args->options.examples, "Shown of each problem")->capture_default_str();
  check_command->add_option("--long-text-bytes", check_args->options.long_text_bytes, "More than that is a long text")
      ->capture_default_str();
  check_command->add_option("--lowest-grade", check_args->options.lowest_grade, "Lowest legal grade")
      ->capture_default_str();
  check_command->add_option("--highest-grade", check_args->options.highest_grade, "Highest legal grade")
      ->capture_default_str();
  check_command->footer(
      "Example:\n  dragoman data check --topics queries.jsonl --qrels qrels/train.tsv qrels/test.tsv");
  check_command->callback([check_args] { check(*check_args); });

  auto stats_args = std::make_shared<PartArgs>();
  CLI::App* stats_command = command->add_subcommand("stats", "Count a collection by language and split");
  add_parts(*stats_command, *stats_args);
  stats_command->footer("Example:\n  dragoman data stats my-collection --json");
  stats_command->callback([stats_args] { show_stats(*stats_args); });

  auto json = std::make_shared<bool>(false);
  CLI::App* formats_command = command->add_subcommand("formats", "Formats that can be converted");
  formats_command->add_flag("--json", *json, "Answer as JSON");
  formats_command->footer("Example:\n  dragoman data formats");
  formats_command->callback([json] { list_formats(*json); });
}

}  // namespace dragoman::cli
