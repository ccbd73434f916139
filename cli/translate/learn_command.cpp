#include <fmt/format.h>

#include <map>
#include <memory>

#include "base/json.h"
#include "dragoman/translate/learn_table.h"
#include "dragoman/translate/table_set.h"
#include "terminal_progress.h"
#include "translate/translate_commands.h"

namespace dragoman::cli {
namespace {

struct LearnArgs {
  LearnOptions options;
  std::string from, to;
  bool json = false;
};

OrderedJson to_json(const LearnReport& report) {
  OrderedJson json = {{"sentence_pairs", report.sentence_pairs},
                      {"lexicon_pairs", report.lexicon_pairs},
                      {"one_sided", report.one_sided},
                      {"too_long", report.too_long},
                      {"without_languages", report.without_languages},
                      {"aligned_pairs", report.aligned_pairs},
                      {"align_seconds", report.align_seconds},
                      {"perplexities", report.perplexities},
                      {"tables", OrderedJson::array()}};
  for (const LearnReport::Table& table : report.tables) {
    json["tables"].push_back({{"file", table.file.string()},
                              {"words", table.words},
                              {"translations", table.translations},
                              {"bytes", table.bytes}});
  }
  return json;
}

void run_learn(LearnArgs args, const Context& context) {
  args.options.from = Language::parse(args.from);
  args.options.to = Language::parse(args.to);
  args.options.threads = context.threads;
  if (args.options.into.empty()) args.options.into = default_table_folder(context.models);
  LearnReport report;
  {
    TerminalProgress progress;
    report = learn_translation_tables(args.options, progress.callback());
  }
  if (args.json) {
    fmt::print("{}\n", to_line(to_json(report)));
    return;
  }
  for (const std::string& place : report.without_languages) {
    fmt::print(stderr, "{}: has nothing in one of the languages; left out\n", place);
  }
  fmt::print("{} sentence pairs, {} lexicon pairs", report.sentence_pairs, report.lexicon_pairs);
  if (report.one_sided > 0) fmt::print("; {} without words on one side left out", report.one_sided);
  if (report.too_long > 0) fmt::print("; {} too long left out", report.too_long);
  fmt::print("\n");
  if (report.sentence_pairs > 0) {
    const auto passes = static_cast<double>(report.perplexities.size());
    fmt::print("aligned in {:.1f} s ({:.0f} pairs a second and iteration), perplexity {:.1f}\n", report.align_seconds,
               static_cast<double>(report.aligned_pairs) * passes / std::max(report.align_seconds, 1e-9),
               report.perplexities.back());
  }
  for (const LearnReport::Table& table : report.tables) {
    fmt::print("{}: {} words, {} translations, {} bytes\n", table.file.string(), table.words, table.translations,
               table.bytes);
  }
}

}  // namespace

void add_translate_learn_command(CLI::App& translate, const Context& context) {
  auto args = std::make_shared<LearnArgs>();
  LearnOptions& options = args->options;
  CLI::App* command = translate.add_subcommand(
      "learn", "Learn a translation table, there and back, from sentences in two languages, lexicons, or both");
  command->add_option("--from", args->from, "One language")->required();
  command->add_option("--to", args->to, "The other")->required();
  command
      ->add_option("--pairs", options.pairs,
                   "Sentences that say the same: two files with a comma between them (Moses), a TSV or TMX file, or a "
                   "folder of files named by language; '#4' behind one says which column the text is in; may be "
                   "repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--lexicon", options.lexicons,
                   "Words with their translations: TSV, MUSE, the .index of a FreeDict dictionary, or a folder; may be "
                   "repeated")
      ->allow_extra_args(false);
  command->add_option("--into", options.into, "Folder of the tables [translation, beside the models]");
  static const std::map<std::string, LexiconWeights> kWeights = {{"uniform", LexiconWeights::uniform},
                                                                 {"ranked", LexiconWeights::ranked}};
  command
      ->add_option("--lexicon-weights", options.lexicon_weights,
                   "What a lexicon's translations of a word count: uniform, or ranked by its counts or their order")
      ->transform(CLI::CheckedTransformer(kWeights).description(""))
      ->default_str("uniform");
  command
      ->add_option("--lexicon-share", options.lexicon_share,
                   "Of the lexicon, for words that sentences know as well, 0 to 1")
      ->capture_default_str();
  command->add_option("--model1", options.model1_iterations, "Iterations of IBM model 1")->capture_default_str();
  command->add_option("--hmm", options.hmm_iterations, "Iterations of the HMM")->capture_default_str();
  command->add_option("--most-words", options.most_words, "Pairs with a longer sentence are left out")
      ->capture_default_str();
  command->add_option("--cumulative", options.prune.cumulative, "Share of a word's translations to keep")
      ->capture_default_str();
  command->add_option("--most", options.prune.most, "Translations of a word to keep at most")->capture_default_str();
  command->add_option("--least", options.prune.least, "Probability of a translation to keep it")->capture_default_str();
  command->add_option("--analyzer", options.analyzer, "What makes words of texts: that of the index")
      ->capture_default_str();
  command->add_flag("--json", args->json, "Print the report as JSON");
  command->footer(
      "Examples:\n"
      "  dragoman translate learn --from en --to sw --pairs europarl.en,europarl.sw --into tables\n"
      "  dragoman translate learn --from en --to de --pairs deu-eng.tsv.gz --pairs memory.tmx --lexicon eng-deu.tsv");
  command->callback([args, &context] { run_learn(*args, context); });
}

}  // namespace dragoman::cli
