#include <fmt/format.h>

#include <memory>

#include "base/json.h"
#include "dragoman/translate/evaluate_table.h"
#include "dragoman/translate/table_set.h"
#include "translate/translate_commands.h"

namespace dragoman::cli {
namespace {

struct EvaluateArgs {
  std::vector<std::filesystem::path> tables;
  std::vector<std::string> lexicons;
  std::string analyzer = std::string(Analyzer::kDefaultName), from, to;
  bool json = false;
};

void run_evaluate(const EvaluateArgs& args, const Context& context) {
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
      translate.add_subcommand("evaluate", "Hold translation tables against a lexicon: precision at 1, and MRR");
  command
      ->add_option("--translation-table", args->tables,
                   "Tables, or folders of them [the folder translation, beside the models]")
      ->allow_extra_args(false);
  command
      ->add_option("--lexicon", args->lexicons,
                   "Words with their translations: TSV, MUSE, the .index of a FreeDict dictionary, or a folder; may be "
                   "repeated")
      ->allow_extra_args(false)
      ->required();
  command->add_option("--from", args->from, "Only tables from this language");
  command->add_option("--to", args->to, "Only tables to this language");
  command->add_option("--analyzer", args->analyzer, "What made the tables' words")->capture_default_str();
  command->add_flag("--json", args->json, "A line of JSON a table");
  command->footer(
      "Example:\n  dragoman translate evaluate --translation-table tables/en-sw.table --lexicon eng-swa.tsv.gz");
  command->callback([args, &context] { run_evaluate(*args, context); });
}

}  // namespace dragoman::cli
