#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/engine/engine.h"
#include "dragoman/evaluate/topics.h"
#include "eval_report.h"
#include "search_flags.h"

namespace dragoman::cli {
namespace {

struct EvalArgs {
  std::string judgements;
  std::vector<std::string> runs;
  std::vector<std::string> measures = {"nDCG@10,AP,RR,R@100,P@10"};
  bool complete = false, only_retrieved = false, per_query = false, json = false;
  EvaluateOptions options;
  int level = 1;
  bool by_language = false, fairness = false;
  std::string by, compare, dial;
  std::string topics, corpus, resource_classes;
  std::filesystem::path index;
  FairnessOptions fairness_options;
  double alpha = ComparisonOptions().alpha;
  std::uint64_t seed = ResamplingOptions().seed;
};

/// All that is known about the queries and documents, beside the runs.
struct Setting {
  std::vector<Measure> measures;
  MeasureNames names;  ///< As typed.
  std::vector<Grouping> groupings;
  Judgements judgements;
  LanguagePool pool;
  ResourceClasses classes;
  std::vector<double> dials;
};

/// "pair" -> what it groups by. "script" is two groupings.
std::vector<Grouping> parse_grouping(const std::string& name) {
  if (name == "query-lang") return {Grouping::query_language};
  if (name == "doc-lang") return {Grouping::document_language};
  if (name == "pair") return {Grouping::pair};
  if (name == "script") return {Grouping::query_script, Grouping::document_script};
  if (name == "resource") return {Grouping::resource_class};
  throw InvalidArgument(
      fmt::format("--by is '{}', must be one of: query-lang, doc-lang, pair, script, resource", name));
}

double parse_dial(const std::string& text) {
  double dial = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), dial);
  if (error != std::errc() || end != text.data() + text.size() || !(dial >= 0 && dial <= 1)) {
    throw InvalidArgument(fmt::format("--dial is '{}', expected numbers from 0 to 1", text));
  }
  return dial;
}

LanguageOf query_languages(const EvalArgs& args) {
  LanguageOf languages;
  for (const Query& query : read_queries(args.topics)) {
    languages[query.id] = query.language.undetermined() ? identify_language(query.text).language : query.language;
  }
  return languages;
}

LanguageOf document_languages(const EvalArgs& args, const Context& context) {
  LanguageOf languages;
  if (!args.index.empty()) {
    const Engine engine(args.index, {.models = context.models, .threads = context.threads});
    for (auto& [id, language] : engine.document_languages()) languages[id] = std::move(language);
    return languages;
  }
  CorpusReader corpus(args.corpus);
  for (Document document; corpus.next(document);) languages[document.id] = document.language;
  return languages;
}

bool needs(const Setting& setting, std::initializer_list<Grouping> groupings) {
  return std::ranges::any_of(groupings,
                             [&](Grouping grouping) { return std::ranges::count(setting.groupings, grouping) != 0; });
}

/// Reads what the options need, and says what is missing before any of the work.
Setting prepare(const EvalArgs& args, const Context& context) {
  Setting setting;
  setting.measures = parse_measures(fmt::format("{}", fmt::join(args.measures, " ")));
  for (Measure& measure : setting.measures) {
    if (measure.settings.rel == MeasureSettings().rel) measure.settings.rel = args.level;
    setting.names.push_back(measure.spelling);
  }
  std::vector<std::string> by = split_list(args.by);
  if (args.by_language) by.insert(by.begin(), {"query-lang", "doc-lang", "pair"});
  for (const std::string& name : by) {
    for (const Grouping grouping : parse_grouping(name)) {
      if (!needs(setting, {grouping})) setting.groupings.push_back(grouping);
    }
  }
  for (const std::string& dial : split_list(args.dial)) setting.dials.push_back(parse_dial(dial));

  const bool needs_documents = args.fairness || needs(setting, {Grouping::document_language, Grouping::pair,
                                                                Grouping::query_script, Grouping::document_script});
  if (needs_documents && (args.topics.empty() || (args.index.empty() && args.corpus.empty()))) {
    throw InvalidArgument(fmt::format("{} needs --topics and, for the languages of documents, --index or --corpus",
                                      args.fairness      ? "--fairness"
                                      : args.by_language ? "--by-language"
                                                         : fmt::format("--by {}", args.by)));
  }
  if (!setting.groupings.empty() && args.topics.empty()) {
    throw InvalidArgument(fmt::format("--by {} needs --topics, for the languages of queries", args.by));
  }
  if (needs(setting, {Grouping::resource_class})) {
    if (args.resource_classes.empty()) {
      throw InvalidArgument("--by resource needs --resource-classes, a file of languages and their classes");
    }
    setting.classes = read_resource_classes(args.resource_classes);
  }

  setting.judgements = read_judgements(args.judgements);
  if (!args.topics.empty()) setting.pool.query_languages = query_languages(args);
  if (needs_documents) setting.pool.document_languages = document_languages(args, context);
  setting.pool.documents = count_languages(setting.pool.document_languages);
  setting.pool.questions = questions_by_id(setting.pool.query_languages);
  return setting;
}

/// The rows of one grouping.
const std::vector<EvaluationRow>& rows_of(const LanguageEvaluation& evaluation, Grouping grouping) {
  switch (grouping) {
    case Grouping::query_language:
      return evaluation.by_query_language;
    case Grouping::document_language:
      return evaluation.by_document_language;
    case Grouping::pair:
      return evaluation.by_pair;
    case Grouping::query_script:
      return evaluation.by_query_script;
    case Grouping::document_script:
      return evaluation.by_document_script;
    case Grouping::resource_class:
      break;
  }
  return evaluation.by_resource_class;
}

std::string_view title_of(Grouping grouping) {
  switch (grouping) {
    case Grouping::query_language:
      return "query language";
    case Grouping::document_language:
      return "document language";
    case Grouping::pair:
      return "query > document";
    case Grouping::query_script:
      return "query script";
    case Grouping::document_script:
      return "document script";
    case Grouping::resource_class:
      break;
  }
  return "resource class";
}

/// The values of each query, over all and in each group that was asked for.
SystemValues values_of(const EvalArgs& args, const Setting& setting, const std::string& path, const Run& run) {
  SystemValues values{path, {{"all", evaluate(setting.judgements, run, setting.measures, args.options).queries}}};
  for (const Grouping grouping : setting.groupings) {
    for (EvaluationGroup& group :
         evaluate_groups(setting.judgements, run, setting.measures, grouping, setting.pool.query_languages,
                         setting.pool.document_languages, args.options, setting.classes)) {
      group.label = fmt::format("{}:{}", to_string(grouping), group.label);
      values.groups.push_back(std::move(group));
    }
  }
  return values;
}

void add_groups(const EvalArgs& args, const Setting& setting, const Run& run, OrderedJson& json) {
  const LanguageEvaluation by =
      evaluate_by_language(setting.judgements, run, setting.measures, setting.pool.query_languages,
                           setting.pool.document_languages, args.options, setting.classes);
  for (const Grouping grouping : setting.groupings) {
    json["by"][std::string(to_string(grouping))] = rows_json(setting.names, rows_of(by, grouping));
    if (!args.json) print_rows(title_of(grouping), setting.names, rows_of(by, grouping));
    if (grouping != Grouping::pair) continue;
    json["by"].update(rows_json(setting.names, {by.same, by.cross}));
    if (!args.json) print_rows("mean over pairs", setting.names, {by.same, by.cross});
  }
}

void add_fairness(const EvalArgs& args, const Setting& setting, const Run& run, OrderedJson& json) {
  const FairnessReport report = fairness(setting.judgements, run, setting.pool, args.fairness_options);
  const auto curve = exposure_curve(setting.judgements, run, setting.measures, setting.pool, setting.dials,
                                    args.fairness_options, args.options);
  json["fairness"] = fairness_json(setting.names, report, curve);
  if (!args.json) print_fairness(setting.names, report, curve);
}

/// All about one run but its comparison with others: printed, or returned as JSON.
OrderedJson evaluate_run(const EvalArgs& args, const Setting& setting, const std::string& path, const Run& run) {
  const Evaluation evaluation = evaluate(setting.judgements, run, setting.measures, args.options);
  const auto missing =
      std::ranges::count_if(setting.judgements, [&](const auto& entry) { return !run.contains(entry.first); });
  OrderedJson json = {{"run", path},
                      {"measures", values_json(setting.names, evaluation.all.values)},
                      {"queries", evaluation.all.queries},
                      {"judged_queries_without_ranking", missing}};
  if (!args.json) print_header(path, setting.names);
  if (args.per_query) {
    for (const QueryValues& query : evaluation.queries) {
      json["per_query"][query.query_id] = values_json(setting.names, query.values);
      if (!args.json) print_row(setting.names, {query.query_id, 1, query.values});
    }
  }
  if (!args.json) {
    print_row(setting.names, evaluation.all);
    if (missing != 0) {
      fmt::print("{} judged queries have no ranking; they {}\n", missing,
                 args.only_retrieved ? "are left out" : "count 0");
    }
  }
  if (!setting.groupings.empty()) add_groups(args, setting, run, json);
  if (args.fairness) add_fairness(args, setting, run, json);
  return json;
}

/// Every system against the baseline; the JSON of each is added to that of its run.
void compare(const EvalArgs& args, const Context& context, const Setting& setting, const SystemValues& baseline,
             const std::vector<SystemValues>& systems, OrderedJson& results) {
  ComparisonOptions options;
  options.resampling.seed = args.seed;
  options.alpha = args.alpha;
  options.threads = context.threads;
  const auto comparisons = compare_systems(baseline, systems, setting.names, options);
  for (OrderedJson& result : results) {
    const auto path = result["run"].get<std::string>();
    if (path == baseline.name) continue;
    std::vector<SystemComparison> of_run;
    std::ranges::copy_if(comparisons, std::back_inserter(of_run),
                         [&](const SystemComparison& comparison) { return comparison.system == path; });
    result["compare"] = comparisons_json(baseline.name, of_run);
    if (!args.json) print_comparisons(path, baseline.name, of_run);
  }
}

void run_eval(EvalArgs args, const Context& context) {
  args.options.queries = args.only_retrieved ? QuerySet::judged_and_retrieved : QuerySet::all_judged;
  args.fairness_options.resampling.seed = args.seed;
  if (!args.dial.empty()) args.fairness = true;
  const Setting setting = prepare(args, context);
  SystemValues baseline;
  if (!args.compare.empty()) baseline = values_of(args, setting, args.compare, read_run(args.compare));
  OrderedJson results = OrderedJson::array();
  std::vector<SystemValues> systems;
  for (const std::string& path : args.runs) {
    if (!args.json && path != args.runs.front()) fmt::print("\n");
    const Run run = read_run(path);
    results.push_back(evaluate_run(args, setting, path, run));
    if (!args.compare.empty() && path != args.compare) systems.push_back(values_of(args, setting, path, run));
  }
  if (!args.compare.empty()) compare(args, context, setting, baseline, systems, results);
  if (args.json) fmt::print("{}\n", to_line(results));
}

}  // namespace

void add_eval_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<EvalArgs>();
  CLI::App* command = program.add_subcommand("eval", "Judge runs: how good, for whom, and is the difference real");
  command->add_option("qrels", args->judgements, "Relevance judgements, TREC or BEIR")->required();
  command->add_option("runs", args->runs, "TREC runs")->required();
  command->add_option("--measures,-m", args->measures, "Measures, in ir_measures' or trec_eval's spelling; repeatable")
      ->allow_extra_args(false)
      ->capture_default_str();
  auto* complete = command->add_flag("--complete,-c", args->complete,
                                     "A judged query without a ranking counts 0, as it does anyway");
  command
      ->add_flag("--only-retrieved", args->only_retrieved,
                 "Leave judged queries without a ranking out, as trec_eval does without -c")
      ->excludes(complete);
  command->add_option("--depth,-M", args->options.depth, "Look at so many ranks of each ranking; 0: all")
      ->capture_default_str();
  command->add_option("--level,-l", args->level, "Lowest grade that is relevant, where a measure does not say")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_flag("--per-query,-q", args->per_query, "Also every query");
  command->add_option("--by", args->by, "Also by group, of: query-lang, doc-lang, pair, script, resource");
  command->add_flag("--by-language", args->by_language, "The same as --by query-lang,doc-lang,pair");
  command->add_option("--compare", args->compare, "Compare the runs with this one, which may be among them");
  command->add_option("--alpha", args->alpha, "compare: accepted chance of any false finding")->capture_default_str();
  command->add_option("--seed", args->seed, "compare, fairness: seed of intervals and tests")->capture_default_str();
  command->add_flag("--fairness", args->fairness, "Also for whom: exposure of languages, pull of one's own, alignment");
  command->add_option("--dial", args->dial, "fairness: turn exposure towards fair shares by so much (0,0.5,1)");
  command->add_option("--fairness-depth", args->fairness_options.depth, "fairness: ranks looked at")
      ->capture_default_str();
  command->add_option("--topics", args->topics, "by, fairness: the queries, for their languages");
  command->add_option("--index", args->index, "by, fairness: the collection, for the documents' languages");
  command->add_option("--corpus", args->corpus, "by, fairness: the corpus, instead of --index");
  command->add_option("--resource-classes", args->resource_classes, "by resource: lines of language, tab, class");
  command->add_flag("--json", args->json, "Answer as JSON");
  command->footer(
      "Queries whose ids end in their language (q7-sw, q7-hi) ask the same question.\n"
      "Example:\n"
      "  dragoman eval qrels.tsv bm25.run dense.run -m nDCG@10 -m R@100 --compare bm25.run \\\n"
      "    --by query-lang --topics queries.jsonl");
  command->callback([args, &context] { run_eval(*args, context); });
}

}  // namespace dragoman::cli
