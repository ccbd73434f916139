#include <fmt/format.h>

#include <memory>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/evaluate/translation_quality.h"
#include "dragoman/translate/evaluate_table.h"
#include "dragoman/translate/table_set.h"
#include "search_flags.h"
#include "terminal_progress.h"
#include "translate/provider_flags.h"
#include "translate/translate_commands.h"

namespace dragoman::cli {
namespace {

struct EvaluateArgs {
  std::vector<std::filesystem::path> tables;
  std::vector<std::string> lexicons;
  std::string analyzer = std::string(Analyzer::kDefaultName), from, to, pairs;
  std::string providers;
  std::size_t most = 200;
  bool json = false;
};

void print(const TranslationQuality& quality, bool json) {
  if (!json) {
    fmt::print("{:<44} chrF {:5.2f}  BLEU {:5.2f}  {:8.1f} sentences/s over {} sentences\n", quality.route,
               quality.chrf, quality.bleu, quality.sentences_per_second, quality.sentences);
    return;
  }
  fmt::print("{}\n", to_line(OrderedJson{{"from", quality.from.tag()},
                                         {"to", quality.to.tag()},
                                         {"route", quality.route},
                                         {"chrf", quality.chrf},
                                         {"bleu", quality.bleu},
                                         {"sentences", quality.sentences},
                                         {"sentences_per_second", quality.sentences_per_second},
                                         {"source", quality.source},
                                         {"stamp", quality.stamp}}));
}

/// Every route of a pair, held against sentences whose translation is known.
void run_evaluate_routes(const EvaluateArgs& args, const Context& context) {
  if (args.from.empty() || args.to.empty()) {
    throw InvalidArgument("translate evaluate --pairs needs --from and --to");
  }
  const Language from = Language::parse(args.from), to = Language::parse(args.to);
  TranslatorRegistry registry({.models = context.models,
                               .tables = args.tables,
                               .providers = split_list(args.providers),
                               .analyzer = args.analyzer,
                               .threads = context.threads});
  const auto routes = registry.routes(from, to);
  if (routes.empty()) registry.open(from, to);  // Says what to install.
  const auto sentences = sample_sentences(args.pairs, from, to, args.most);
  for (const TranslationRoute& route : routes) {
    TranslationQuality quality;
    {
      TerminalProgress progress;
      quality = evaluate_translation(registry, route, from, to, sentences, args.pairs, progress.callback());
    }
    registry.keep_quality(quality);
    print(quality, args.json);
  }
}

void run_evaluate(const EvaluateArgs& args, const Context& context) {
  if (args.pairs.empty() == args.lexicons.empty()) {
    throw InvalidArgument(
        "translate evaluate needs --pairs, sentences to hold translations against, or --lexicon, words "
        "to hold tables against");
  }
  if (!args.pairs.empty()) return run_evaluate_routes(args, context);
  const TableSet tables(args.tables, default_table_folder(context.models));
  const Analyzer analyzer(args.analyzer);
  const auto wanted = [](const std::string& tag, const Language& language) {
    return tag.empty() || same_written_language(Language::parse(tag), language);
  };
  for (const auto& table : tables.tables()) {
    const TableInfo& info = table->info();
    if (!wanted(args.from, info.from) || !wanted(args.to, info.to)) continue;
    const TableScore score = evaluate_table(*table, args.lexicons, analyzer);
    if (args.json) {
      fmt::print("{}\n", to_line(OrderedJson{{"from", info.from.tag()},
                                             {"to", info.to.tag()},
                                             {"kind", to_string(info.kind)},
                                             {"lexicon_words", score.lexicon_words},
                                             {"known", score.known},
                                             {"precision_at_1", score.precision_at_1},
                                             {"mean_reciprocal_rank", score.mean_reciprocal_rank},
                                             {"file", table->path().string()}}));
      continue;
    }
    if (score.lexicon_words == 0) {
      fmt::print(stderr, "{}: the lexicon has no words in '{}' and '{}'; left out\n", table->path().string(),
                 info.from.tag(), info.to.tag());
      continue;
    }
    fmt::print("{:<7} {:<7} {:<9} P@1 {:.3f}  MRR {:.3f}  over {} of the lexicon's {} words\n", info.from.tag(),
               info.to.tag(), to_string(info.kind), score.precision_at_1, score.mean_reciprocal_rank, score.known,
               score.lexicon_words);
  }
}

}  // namespace

void add_translate_evaluate_command(CLI::App& translate, const Context& context) {
  auto args = std::make_shared<EvaluateArgs>();
  CLI::App* command =
      translate.add_subcommand("evaluate",
                               "Hold whatever translates a pair against sentences whose translation is known (chrF, "
                               "BLEU, speed), or tables against a lexicon (precision at 1, MRR)");
  command
      ->add_option("--translation-table", args->tables,
                   "Tables, or folders of them [the folder translation, beside the models]")
      ->allow_extra_args(false);
  command
      ->add_option("--lexicon", args->lexicons,
                   "Words with their translations: TSV, MUSE, the .index of a FreeDict dictionary, or a folder; may be "
                   "repeated")
      ->allow_extra_args(false);
  command->add_option("--pairs", args->pairs,
                      "Sentences and their translations, none of which taught what is measured, as 'translate learn' "
                      "takes them. What comes out is kept beside the models, and routes are chosen by it");
  command->add_option("--most", args->most, "Sentences of them, evenly spread")->capture_default_str();
  command->add_option("--provider", args->providers, "As of 'translate': only these [all routes of the pair]");
  command->add_option("--from", args->from, "Only tables from this language");
  command->add_option("--to", args->to, "Only tables to this language");
  command->add_option("--analyzer", args->analyzer, "What made the tables' words")->capture_default_str();
  command->add_flag("--json", args->json, "A line of JSON a table");
  command->footer(
      "Examples:\n"
      "  dragoman translate evaluate --from es --to en --pairs test.es,test.en\n"
      "  dragoman translate evaluate --translation-table tables/en-sw.table --lexicon eng-swa.tsv.gz");
  command->callback([args, &context] { run_evaluate(*args, context); });
}

}  // namespace dragoman::cli
