#include <fmt/format.h>

#include <memory>

#include "base/json.h"
#include "dragoman/translate/table_set.h"
#include "translate/translate_commands.h"

namespace dragoman::cli {
namespace {

struct ListArgs {
  std::vector<std::filesystem::path> tables;
  bool json = false;
};

OrderedJson to_json(const TranslationTable& table) {
  const TableInfo& info = table.info();
  return {{"from", info.from.tag()},
          {"to", info.to.tag()},
          {"kind", to_string(info.kind)},
          {"words", table.words()},
          {"translations", table.translations()},
          {"bytes", table.bytes()},
          {"sentence_pairs", info.sentence_pairs},
          {"lexicon_pairs", info.lexicon_pairs},
          {"sources", info.sources},
          {"analyzer", info.analyzer},
          {"stamp", table.stamp()},
          {"file", table.path().string()}};
}

void run_list(const ListArgs& args, const Context& context) {
  const TableSet tables(args.tables, default_table_folder(context.models));
  for (const auto& table : tables.tables()) {
    if (args.json) {
      fmt::print("{}\n", to_line(to_json(*table)));
      continue;
    }
    const TableInfo& info = table->info();
    fmt::print("{:<7} {:<7} {:<9} {:>8} words {:>9} translations {:>10} bytes  {}\n", info.from.tag(), info.to.tag(),
               to_string(info.kind), table->words(), table->translations(), table->bytes(), table->path().string());
  }
  if (tables.tables().empty() && !args.json) {
    fmt::print(stderr, "no translation tables in {}; make some with: dragoman translate learn\n",
               default_table_folder(context.models).string());
  }
}

}  // namespace

void add_translate_list_command(CLI::App& translate, const Context& context) {
  auto args = std::make_shared<ListArgs>();
  CLI::App* command = translate.add_subcommand("list", "List translation tables: pairs, kinds, sizes");
  command
      ->add_option("--translation-table", args->tables,
                   "Tables, or folders of them [the folder translation, beside the models]")
      ->allow_extra_args(false);
  command->add_flag("--json", args->json, "A line of JSON a table");
  command->footer("Example:\n  dragoman translate list --translation-table tables");
  command->callback([args, &context] { run_list(*args, context); });
}

}  // namespace dragoman::cli
