#include <fmt/format.h>

#include <map>
#include <memory>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/text/script.h"
#include "lang/lang_commands.h"

namespace dragoman::cli {
namespace {

struct ScriptsArgs {
  LangTexts texts;
  std::string model;
  bool known = false;
};

void show_scripts(std::string_view text, bool json) {
  const auto spans = script_spans(text);
  if (json) {
    OrderedJson list = OrderedJson::array();
    for (const ScriptSpan& span : spans) {
      list.push_back({{"begin", span.range.begin},
                      {"end", span.range.end},
                      {"script", span.script},
                      {"letters", span.letters},
                      {"text", span.range.of(text)}});
    }
    fmt::print("{}\n", to_line(list));
    return;
  }
  for (const ScriptSpan& span : spans) {
    fmt::print("{:>6} {:>6}  {}  {}\n", span.range.begin, span.range.end, span.script, span.range.of(text));
  }
}

/// Script -> languages written in it: those of the model, and the one that dominates it.
void list_known(const LanguageIdentifier& identifier, bool json) {
  std::map<std::string, std::vector<std::string>> table;
  for (const Language& language : identifier.known_languages()) {
    const WrittenLanguage written = scripts_of(language);
    for (const std::string& script : written.scripts) {
      const Language in_it = written_in(written, script);
      if (!in_it.undetermined()) table[script].push_back(in_it.tag());
    }
  }
  for (const auto& [script, language] : languages_by_dominated_script()) {
    if (table[script].empty()) table[script].push_back(language.tag());
  }
  if (json) {
    fmt::print("{}\n", to_line(OrderedJson(table)));
    return;
  }
  for (const auto& [script, languages] : table) {
    std::string list;
    for (const std::string& tag : languages) list += " " + tag;
    fmt::print("{} {}\n", script, list);
  }
}

void scripts(const ScriptsArgs& args, const Context& context) {
  if (args.known) {
    list_known(*open_language_identifier(context.models, args.model), args.texts.json);
    return;
  }
  for_each_text(args.texts, [&](std::string_view text) { show_scripts(text, args.texts.json); });
}

}  // namespace

void add_lang_scripts_command(CLI::App& lang, const Context& context) {
  auto args = std::make_shared<ScriptsArgs>();
  CLI::App* command = lang.add_subcommand("scripts", "Show the scripts of texts, or which languages each is known for");
  add_lang_texts(*command, args->texts);
  command->add_flag("--known", args->known, "Scripts, and the languages that can be told in them");
  command->add_option("--model", args->model,
                      fmt::format("With --known: as of lang detect [{}, if it is installed]", kDefaultIdentifier));
  command->footer(
      "Of each span: bytes from and to, script (ISO 15924).\n"
      "Examples:\n"
      "  dragoman lang scripts \"Москва на Amazon.com, 東京タワー\"\n"
      "  dragoman lang scripts --known");
  command->callback([args, &context] { scripts(*args, context); });
}

}  // namespace dragoman::cli
