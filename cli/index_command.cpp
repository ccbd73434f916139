#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>

#include "base/json.h"
#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/engine/indexer.h"
#include "dragoman/engine/option_names.h"
#include "dragoman/text/analyzer.h"
#include "search_flags.h"
#include "terminal_progress.h"

namespace dragoman::cli {
namespace {

/// Title and text together.
constexpr std::string_view kNoFields = "none";

struct IndexArgs {
  IndexOptions options;
  std::string stages, languages, precision, order = "as_added";
  std::string dense_index, dense_storage;
  HnswOptions hnsw;
  IvfPqOptions ivf_pq;
  std::optional<std::string> fields;
  std::string translate = "none", translate_to, translators;
  std::size_t memory_mib = IndexOptions().lexical.memory_bytes >> 20;
  bool json = false;
};

OrderedJson to_json(const IndexReport& report, double seconds) {
  OrderedJson fields = OrderedJson::object(), translations = OrderedJson::array();
  for (const DocumentsTranslated& one : report.translations) {
    OrderedJson json = {{"from", one.from.tag()}, {"to", one.to.tag()}, {"provider", nullptr}};
    if (!one.route.empty()) json["provider"] = one.route;
    json.update({{"documents", one.documents},
                 {"bytes", one.bytes},
                 {"translated", one.translated},
                 {"untranslated", one.untranslated},
                 {"seconds", one.seconds},
                 {"estimated_seconds", one.estimated_seconds}});
    translations.push_back(json);
  }
  for (const auto& [field, documents] : report.fields) fields[field] = documents;
  return {{"documents", report.documents},
          {"added", report.added},
          {"unchanged", report.unchanged},
          {"replaced", report.replaced},
          {"segments_compacted", report.segments_compacted},
          {"segments_merged", report.segments_merged},
          {"other_languages", report.other_languages},
          {"without_text", report.without_text},
          {"language_identified", report.language_identified},
          {"identified_by", report.identified_by_model ? "model" : "script"},
          {"passages_encoded", report.passages},
          {"passages_cached", report.passages_cached},
          {"passages_sampled", report.passages_sampled},
          {"documents_split", report.documents_split},
          {"titles_cut", report.titles_cut},
          {"tokens_encoded", report.tokens},
          {"translations", translations},
          {"index_bytes", report.index_bytes},
          {"fields", fields},
          {"languages", report.languages},
          {"seconds", seconds}};
}

void print(const DocumentsTranslated& one, bool estimate) {
  if (one.route.empty()) return;  // A notice says why.
  if (estimate) {
    fmt::print("{} to {}: {} documents, {:.1f} MB, by {}: about {:.0f} s, {} of them translated already\n",
               one.from.tag(), one.to.tag(), one.documents, static_cast<double>(one.bytes) / 1e6, one.route,
               one.estimated_seconds, one.translated);
    return;
  }
  fmt::print("translated {} documents from {} to {} by {} in {:.1f} s", one.translated, one.from.tag(), one.to.tag(),
             one.route, one.seconds);
  if (one.untranslated != 0) fmt::print("; {} have no translation and stay as they are", one.untranslated);
  fmt::print("\n");
}

void print(const IndexArgs& args, const IndexReport& report, double seconds) {
  for (const DocumentsTranslated& one : report.translations) print(one, args.options.estimate);
  if (args.options.estimate) return;
  fmt::print("{}: {} documents ({} added, {} unchanged; languages: {}), index {:.1f} MB, {:.1f} s\n",
             args.options.into.string(), report.documents, report.added, report.unchanged, report.languages.size(),
             static_cast<double>(report.index_bytes) / 1e6, seconds);
  if (report.passages != 0) {
    fmt::print("encoded {} passages, {} tokens; {} documents were too long for one passage and were split\n",
               report.passages, report.tokens, report.documents_split);
  }
  if (report.passages_cached != 0) {
    fmt::print("{} of them were in the cache and did not go through the model\n", report.passages_cached);
  }
  if (report.passages_sampled != 0) {
    fmt::print("{} passages were encoded ahead of the others, to learn how multi-vectors are compressed\n",
               report.passages_sampled);
  }
  if (report.replaced != 0) fmt::print("{} documents replaced those with the same id\n", report.replaced);
  if (report.other_languages != 0) {
    fmt::print("{} documents in other languages were passed over\n", report.other_languages);
  }
  if (report.titles_cut != 0)
    fmt::print("{} titles were too long to be encoded whole and were cut\n", report.titles_cut);
  if (report.without_text != 0) fmt::print("{} documents hold no text and cannot be found\n", report.without_text);
  for (const auto& [field, documents] : report.fields) {
    fmt::print("field {}: {} of the documents that were indexed have words there\n", field, documents);
  }
  if (report.language_identified != 0) {
    fmt::print("{} documents came without a language; it was told from their {}\n", report.language_identified,
               report.identified_by_model ? "text" : "script");
  }
}

void run_index(IndexArgs args, const Context& context) {
  std::vector<FirstStage> stages;
  for (const std::string& name : split_list(args.stages)) stages.push_back(parse_first_stage(name));
  if (stages.empty() && args.options.rebuild) stages = indexed_stages(args.options.into);
  if (!stages.empty()) args.options.stages = std::move(stages);
  for (const std::string& tag : split_list(args.languages)) args.options.languages.push_back(Language::parse(tag));
  if (args.translate != "none" && args.translate != "document") {
    throw InvalidArgument(fmt::format("translate is '{}', must be none or document", args.translate));
  }
  if ((args.translate == "document") == args.translate_to.empty()) {
    throw InvalidArgument("--translate document and --to go together: --translate document --to en");
  }
  for (const std::string& tag : split_list(args.translate_to))
    args.options.translate_to.push_back(Language::parse(tag));
  args.options.translators = split_list(args.translators);
  args.options.models = context.models;
  args.options.threads = context.threads;
  args.options.cache = context.cache();
  args.options.cache_bytes = context.cache_bytes;
  args.options.lexical.order = parse_document_order(args.order);
  args.options.lexical.memory_bytes = args.memory_mib << 20;
  if (!args.dense_index.empty()) args.options.dense.kind = parse_dense_index_kind(args.dense_index);
  if (!args.dense_storage.empty()) args.options.dense.storage = parse_dense_storage(args.dense_storage);
  if (args.fields)
    args.options.fields = *args.fields == kNoFields ? std::vector<std::string>() : split_list(*args.fields);
  if (!args.precision.empty()) args.options.precision = parse_precision(args.precision);
  const auto began = std::chrono::steady_clock::now();
  IndexReport report;
  {
    TerminalProgress progress;
    report = index_corpus(args.options, progress.callback());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  for (const std::string& notice : report.notices) fmt::print(stderr, "{}\n", notice);
  if (args.json) {
    fmt::print("{}\n", to_line(to_json(report, seconds)));
  } else {
    print(args, report, seconds);
  }
}

}  // namespace

void add_index_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<IndexArgs>();
  CLI::App* command = program.add_subcommand("index", "Put documents into a collection and index them");
  command->add_option("corpus", args->options.corpus,
                      "JSON lines (also .gz, .zst), a BEIR folder, or - ; leave out to finish what is missing");
  command->add_option("--into", args->options.into, "Folder of the collection")->required();
  command->add_option(
      "--retrieve", args->stages,
      fmt::format("Indexes to build, of: {} [bm25,dense; with --rebuild those that are there]", first_stage_names()));
  command->add_option("--analyzer", args->options.analyzer,
                      fmt::format("What makes words of texts: multilingual (also with +camel_case, +compounds, "
                                  "+hunspell, +spans), icu, whitespace [{}]",
                                  Analyzer::kDefaultName));
  command->add_option("--fields", args->fields,
                      "Parts of documents that the BM25 index keeps apart, to be weighed by searches: title, text, "
                      "names of strings in their metadata; or none [title and text together]");
  command->add_option(
      "--encoder", args->options.encoder,
      fmt::format("Model of dense, sparse and multivector indexes, or ENDPOINT#MODEL [{}]", kDefaultEncoder));
  command->add_option("--precision", args->precision,
                      "In which the encoder multiplies: f32, bf16, int8 [the best for the model here]");
  command->add_option("--in", args->languages, "Take only documents in these languages (de,fr)");
  command->add_option(
      "--identify", args->options.identifier,
      fmt::format("What tells languages that the corpus does not say, and finds spans for +spans: a language "
                  "identifier, or 'script' [{}, if it is installed]",
                  kDefaultIdentifier));
  command->add_flag("--romanized", args->options.romanized,
                    "Index words by their sound besides, so that queries in another script find them");
  command
      ->add_option(
          "--document-order", args->order,
          "In which the BM25 index keeps documents: as_added, or bisection (similar ones side by side: slower to "
          "build, faster to search at great depth)")
      ->capture_default_str();
  command->add_flag("--positions,!--no-positions", args->options.lexical.positions,
                    "Keep where words stand in the BM25 index, for phrases in quotes and --proximity [as it is]");
  auto* memory = command->add_option(
      "--memory", args->memory_mib,
      fmt::format(
          "MiB for the words of the BM25 index, and for token vectors; beyond, the disk helps. Also for merging "
          "multi-vector segments, and for making dense graphs and lists [{}]; beyond, there are several",
          DenseIndexOptions().memory_bytes >> 20));
  memory->capture_default_str();
  command->add_option("--dense-index", args->dense_index,
                      "How near vectors are found: flat (all are compared), hnsw (a graph), ivfpq (lists of short "
                      "codes) [the collection's own, else "
                      "flat]. Another than before is made from the stored vectors");
  command->add_option("--dense-storage", args->dense_storage,
                      "What exact dense searches read: f32, bf16 or int8 (faster, and the results are the same) [the "
                      "collection's own, else f32]");
  auto* hnsw_m = command->add_option("--hnsw-m", args->hnsw.m, "hnsw: neighbours of a passage, 2 to 256");
  auto* hnsw_ef = command->add_option("--hnsw-ef-construction", args->hnsw.ef_construction,
                                      "hnsw: candidates kept while they are sought");
  auto* lists = command->add_option("--ivfpq-lists", args->ivf_pq.lists,
                                    "ivfpq: lists, 0 for 1.2 times the square root of the passages");
  lists->capture_default_str();
  hnsw_m->capture_default_str();
  hnsw_ef->capture_default_str();
  command
      ->add_option(
          "--translate", args->translate,
          "BM25: none, or document: translate documents into the languages of --to, so that questions in these "
          "find them by their translations (search --translate document)")
      ->capture_default_str();
  command->add_option("--to", args->translate_to, "Languages to translate documents into (en,fr)");
  command->add_option("--translator", args->translators,
                      "Who may translate them, as of 'translate --provider' [whoever does it best]");
  command->add_flag("--estimate", args->options.estimate,
                    "Translate the first documents of each language, tell how long all would take, and stop there");
  command->add_flag("--replace", args->options.replace,
                    "Let documents take the place of those with the same id and another content");
  command->add_flag("--rebuild", args->options.rebuild, "Throw the indexes away and build them again");
  command->add_flag("--json", args->json, "Report as JSON");
  command->footer(
      "A line of the corpus: {\"_id\": \"d1\", \"title\": \"...\", \"text\": \"...\", \"lang\": \"sw\"}\n"
      "A run that was interrupted is finished by the same command.\n"
      "Example:\n"
      "  dragoman index corpus.jsonl.gz --into my-index\n"
      "  dragoman index corpus.jsonl.gz --into my-index --romanized\n"
      "  dragoman index corpus.jsonl.gz --into my-index --retrieve bm25,dense,sparse,multivector\n"
      "  dragoman index --into my-index --retrieve sparse        (to a collection that is there; without reading it "
      "again)\n"
      "  dragoman index corrected.jsonl --into my-index --replace\n"
      "  dragoman index corpus.jsonl.gz --into my-index --fields title,text,author\n"
      "  dragoman index --into my-index --translate document --to en --estimate\n"
      "  dragoman index --into my-index --translate document --to en --retrieve bm25\n"
      "  dragoman index --into my-index --positions --rebuild\n"
      "  dragoman index chats.jsonl --into my-index --analyzer multilingual+spans    (texts that mix languages)\n"
      "  dragoman index --into my-index --dense-index hnsw --dense-storage int8");
  command->callback([=, &context] {
    if (hnsw_m->count() + hnsw_ef->count() != 0) args->options.dense.hnsw = args->hnsw;
    if (lists->count() != 0) args->options.dense.ivf_pq = args->ivf_pq;
    if (memory->count() != 0) args->options.dense.memory_bytes = args->memory_mib << 20;
    run_index(*args, context);
  });
}

}  // namespace dragoman::cli
