#include <fmt/format.h>

#include <memory>

#include "base/json.h"
#include "dragoman/text/language.h"
#include "lang/lang_commands.h"

namespace dragoman::cli {
namespace {

void detect(const LangTexts& args) {
  for_each_text(args, [&](std::string_view text) {
    const LanguageGuess guess = identify_language(text);
    if (args.json) {
      fmt::print("{}\n", to_line(OrderedJson{{"language", guess.language.tag()}, {"confidence", guess.confidence}}));
    } else {
      fmt::print("{:<10} {:.2f}  {}\n", guess.language.tag(), guess.confidence, text);
    }
  });
}

}  // namespace

void add_lang_detect_command(CLI::App& lang, const Context&) {
  auto args = std::make_shared<LangTexts>();
  CLI::App* command = lang.add_subcommand("detect", "Tell the language of texts, and how sure that is");
  add_lang_texts(*command, *args);
  command->footer("Example:\n  dragoman lang detect \"Wapi kuna maji?\" \"Где вода?\"");
  command->callback([args] { detect(*args); });
}

}  // namespace dragoman::cli
