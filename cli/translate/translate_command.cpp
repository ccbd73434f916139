#include <fmt/format.h>

#include <functional>
#include <memory>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/translate/lexicon_translator.h"
#include "dragoman/translate/table_set.h"
#include "translate/translate_commands.h"

namespace dragoman::cli {
namespace {

struct TranslateArgs {
  std::vector<std::string> texts;
  std::string file = "-", from, to, provider = "lexicon", analyzer = std::string(Analyzer::kDefaultName);
  std::vector<std::filesystem::path> tables;
  bool json = false;
};

std::unique_ptr<Translator> open_translator(const TranslateArgs& args, const Context& context) {
  if (args.provider == "lexicon") {
    return std::make_unique<LexiconTranslator>(
        std::make_shared<TableSet>(args.tables, default_table_folder(context.models)),
        std::make_shared<Analyzer>(args.analyzer));
  }
  throw InvalidArgument(fmt::format("provider is '{}', must be one of: lexicon", printable(args.provider)));
}

/// Calls `take(text)` for each argument, or each line of the file.
void for_each_text(const TranslateArgs& args, const std::function<void(const std::string& text)>& take) {
  for (const std::string& text : args.texts) take(text);
  if (!args.texts.empty()) return;
  LineReader lines(args.file);
  for (std::string_view line; lines.next(line);) {
    if (const std::size_t at = find_invalid_utf8(line); at != std::string_view::npos) {
      throw InvalidData(fmt::format("{}: byte {} is not UTF-8", lines.place(), at + 1));
    }
    take(std::string(line));
  }
}

void run_translate(const TranslateArgs& args, const Context& context) {
  if (args.from.empty() || args.to.empty()) {
    throw InvalidArgument("translating needs the languages of the texts and of the translations: --from and --to");
  }
  const Language from = Language::parse(args.from), to = Language::parse(args.to);
  const auto translator = open_translator(args, context);
  require_pair(*translator, from, to);
  std::size_t untranslated = 0;
  for_each_text(args, [&](const std::string& text) {
    const auto translation = translator->translate(std::span(&text, 1), from, to)[0];
    untranslated += translation ? 0 : 1;
    if (args.json) {
      OrderedJson json = {{"text", text}, {"from", from.tag()}, {"to", to.tag()}, {"provider", translator->name()}};
      json["translation"] = translation ? OrderedJson(*translation) : OrderedJson();
      fmt::print("{}\n", to_line(json));
    } else {
      fmt::print("{}\n", translation.value_or(""));
    }
  });
  if (untranslated > 0 && !args.json) {
    fmt::print(stderr, "{}: no translation for {} texts; their lines are empty\n", translator->name(), untranslated);
  }
}

}  // namespace

void add_translate_command(CLI::App& program, const Context& context) {
  auto args = std::make_shared<TranslateArgs>();
  CLI::App* command = program.add_subcommand("translate", "Translate texts; learn and look at what translates them");
  command->fallthrough();
  command->require_subcommand(0, 1);
  command->add_option("text", args->texts, "Texts; none: a text a line, of --file");
  command->add_option("--file", args->file, "File of a text a line, also .gz and .zst; - for standard input")
      ->capture_default_str();
  command->add_option("--from", args->from, "Language of the texts");
  command->add_option("--to", args->to, "Language of the translations");
  command->add_option("--provider", args->provider, "What translates: lexicon (word by word)")->capture_default_str();
  command
      ->add_option("--translation-table", args->tables,
                   "lexicon: tables, or folders of them [the folder translation, beside the models]")
      ->allow_extra_args(false);
  command->add_option("--analyzer", args->analyzer, "lexicon: what made the tables' words")->capture_default_str();
  command->add_flag("--json", args->json, "Answer as JSON, a line a text");
  command->footer(
      "Examples:\n"
      "  dragoman translate learn --from en --to sw --pairs train.en,train.sw --lexicon eng-swa.tsv\n"
      "  dragoman translate --from en --to sw \"hot water\"");
  add_translate_learn_command(*command, context);
  add_translate_evaluate_command(*command, context);
  add_translate_list_command(*command, context);
  command->callback([args, &context, command] {
    if (command->get_subcommands().empty()) run_translate(*args, context);
  });
}

}  // namespace dragoman::cli
