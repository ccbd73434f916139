#include "dragoman/text/romanize.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "dragoman/text/skeleton.h"
#include "lang/lang_commands.h"

namespace dragoman::cli {
namespace {

struct RomanizeArgs {
  LangTexts texts;
  std::string language;
  bool skeleton = false;
};

/// A key of the romanised index, with the part of the text that it stands for.
OrderedJson key_json(const Token& term, std::string_view text) {
  return {{"key", term.text},
          {"begin", term.begin},
          {"end", term.end},
          {"text", text.substr(term.begin, term.end - term.begin)}};
}

void run_romanize(const RomanizeArgs& args) {
  const Language language = args.language.empty() ? Language() : Language::parse(args.language);
  for_each_text(args.texts, [&](std::string_view text) {
    const std::string latin = romanize(text, language);
    std::vector<Token> terms;
    if (args.skeleton) terms = skeleton_terms(text, language, SkeletonSide::document);
    if (args.texts.json) {
      OrderedJson json = {{"text", text}, {"language", language.tag()}, {"romanized", latin}};
      if (args.skeleton) {
        json["skeleton"] = OrderedJson::array();
        for (const Token& term : terms) json["skeleton"].push_back(key_json(term, text));
      }
      fmt::print("{}\n", to_line(json));
    } else if (args.skeleton) {
      std::vector<std::string_view> keys;
      for (const Token& term : terms) keys.push_back(term.text);
      fmt::print("{}\n", fmt::join(keys, " "));
    } else {
      fmt::print("{}\n", latin);
    }
  });
}

}  // namespace

void add_lang_romanize_command(CLI::App& lang, const Context&) {
  auto args = std::make_shared<RomanizeArgs>();
  CLI::App* command = lang.add_subcommand("romanize", "Spell texts of any script in Latin letters");
  add_lang_texts(*command, args->texts);
  command->add_option("--language", args->language, "Language of the texts, where a script is read in several ways");
  command->add_flag("--skeleton", args->skeleton, "Print the keys of the words, which spellings of one word share");
  command->footer(
      "Keys in small letters keep the vowels, keys in capitals are of consonants alone.\n"
      "Examples:\n"
      "  dragoman lang romanize \"Москва\" \"किताब\"\n"
      "  dragoman lang romanize --language uk \"Харків\"\n"
      "  dragoman lang romanize --skeleton kitaab \"किताब\"");
  command->callback([args] { run_romanize(*args); });
}

}  // namespace dragoman::cli
