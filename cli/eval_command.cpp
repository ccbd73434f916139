#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/collection/corpus_reader.h"
#include "dragoman/engine/engine.h"
#include "dragoman/evaluate/evaluation.h"
#include "dragoman/evaluate/topics.h"
#include "search_flags.h"

namespace dragoman::cli {
namespace {

struct EvalArgs {
  std::string judgements;
  std::vector<std::string> runs;
  std::string measures = "nDCG@10,AP,RR,R@100,P@10";
  bool by_language = false, per_query = false, only_retrieved = false, json = false;
  std::string topics, corpus;
  std::filesystem::path index;
};

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

/// NaN, the mean over nothing, has no JSON.
OrderedJson number(double value) { return std::isnan(value) ? OrderedJson(nullptr) : OrderedJson(value); }

OrderedJson values_json(const std::vector<std::string>& measures, const std::vector<double>& values) {
  OrderedJson json = OrderedJson::object();
  for (std::size_t i = 0; i < measures.size(); ++i) json[measures[i]] = number(values[i]);
  return json;
}

OrderedJson rows_json(const std::vector<std::string>& measures, const std::vector<EvaluationRow>& rows) {
  OrderedJson json = OrderedJson::object();
  for (const EvaluationRow& row : rows) {
    json[row.label] = {{"queries", row.queries}, {"values", values_json(measures, row.values)}};
  }
  return json;
}

void print_header(std::string_view title, const std::vector<std::string>& measures) {
  fmt::print("{:<24} {:>8}", title, "queries");
  for (const std::string& measure : measures) fmt::print(" {:>10}", measure);
  fmt::print("\n");
}

void print_row(const EvaluationRow& row) {
  fmt::print("{:<24} {:>8}", row.label, row.queries);
  for (const double value : row.values) fmt::print(" {:>10.4f}", value);
  fmt::print("\n");
}

void print_rows(std::string_view title, const std::vector<std::string>& measures,
                const std::vector<EvaluationRow>& rows) {
  fmt::print("\n");
  print_header(title, measures);
  for (const EvaluationRow& row : rows) print_row(row);
}

/// Everything asked of one run: printed, or returned as JSON.
OrderedJson evaluate_run(const EvalArgs& args, const std::string& path, const Judgements& judgements,
                         const std::vector<Measure>& measures, const LanguageOf& queries, const LanguageOf& documents) {
  const Run run = read_run(path);
  const EvaluateOptions options{args.only_retrieved ? QuerySet::judged_and_retrieved : QuerySet::all_judged};
  const Evaluation evaluation = evaluate(judgements, run, measures, options);
  OrderedJson json = {{"run", path},
                      {"queries", evaluation.all.queries},
                      {"values", values_json(evaluation.measures, evaluation.all.values)}};
  const auto missing = std::ranges::count_if(judgements, [&](const auto& entry) { return !run.contains(entry.first); });
  json["judged_queries_without_ranking"] = missing;
  if (!args.json) {
    print_header(path, evaluation.measures);
    if (args.per_query) {
      for (const QueryValues& query : evaluation.queries) print_row({query.query_id, 1, query.values});
    }
    print_row(evaluation.all);
    if (missing != 0) {
      fmt::print("{} judged queries have no ranking; they {}\n", missing,
                 args.only_retrieved ? "are left out" : "count 0");
    }
  }
  if (args.per_query) {
    for (const QueryValues& query : evaluation.queries) {
      json["per_query"][query.query_id] = values_json(evaluation.measures, query.values);
    }
  }
  if (args.by_language) {
    const auto by = evaluate_by_language(judgements, run, measures, queries, documents, options);
    json["by_query_language"] = rows_json(by.measures, by.by_query_language);
    json["by_document_language"] = rows_json(by.measures, by.by_document_language);
    json["by_pair"] = rows_json(by.measures, by.by_pair);
    json["pairs"] = rows_json(by.measures, {by.same, by.cross});
    if (!args.json) {
      print_rows("query language", by.measures, by.by_query_language);
      print_rows("document language", by.measures, by.by_document_language);
      print_rows("query > document", by.measures, by.by_pair);
      print_rows("mean over pairs", by.measures, {by.same, by.cross});
    }
  }
  return json;
}

void run_eval(const EvalArgs& args, const Context& context) {
  if (args.by_language && (args.topics.empty() || (args.index.empty() && args.corpus.empty()))) {
    throw InvalidArgument("--by-language needs --topics and, for the languages of documents, --index or --corpus");
  }
  const std::vector<Measure> measures = parse_measures(args.measures);
  const Judgements judgements = read_judgements(args.judgements);
  LanguageOf queries, documents;
  if (args.by_language) {
    queries = query_languages(args);
    documents = document_languages(args, context);
  }
  OrderedJson results = OrderedJson::array();
  for (const std::string& run : args.runs) {
    if (!args.json && run != args.runs.front()) fmt::print("\n");
    results.push_back(evaluate_run(args, run, judgements, measures, queries, documents));
  }
  if (args.json) fmt::print("{}\n", to_line(results));
}

}  // namespace

void add_eval_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<EvalArgs>();
  CLI::App* command = program.add_subcommand("eval", "Judge runs: how good, for which languages");
  command->add_option("qrels", args->judgements, "Relevance judgements, TREC or BEIR")->required();
  command->add_option("runs", args->runs, "TREC runs")->required();
  command->add_option("--measures,-m", args->measures, "Measures, in ir_measures' or trec_eval's spelling")
      ->capture_default_str();
  command->add_flag("--by-language", args->by_language, "Also by query language, document language and pair");
  command->add_option("--topics", args->topics, "by-language: the queries, for their languages");
  command->add_option("--index", args->index, "by-language: the collection, for the documents' languages");
  command->add_option("--corpus", args->corpus, "by-language: the corpus, instead of --index");
  command->add_flag("--per-query,-q", args->per_query, "Also every query");
  command->add_flag("--only-retrieved", args->only_retrieved,
                    "Leave judged queries without a ranking out, as trec_eval does without -c");
  command->add_flag("--json", args->json, "Answer as JSON");
  command->footer(
      "Example:\n"
      "  dragoman eval qrels.tsv dense.run bm25.run -m nDCG@10,R@100 --by-language \\\n"
      "    --topics queries.jsonl --index my-index");
  command->callback([args, &context] { run_eval(*args, context); });
}

}  // namespace dragoman::cli
