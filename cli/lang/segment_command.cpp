#include <fmt/format.h>

#include <memory>

#include "base/json.h"
#include "dragoman/encode/language_identifiers.h"
#include "lang/lang_commands.h"

namespace dragoman::cli {
namespace {

struct SegmentArgs {
  LangTexts texts;
  std::string model;
};

OrderedJson to_json(std::string_view text, const std::vector<LanguageSpan>& spans) {
  OrderedJson json = OrderedJson::array();
  for (const LanguageSpan& span : spans) {
    json.push_back({{"begin", span.range.begin},
                    {"end", span.range.end},
                    {"language", span.language.tag()},
                    {"script", span.script},
                    {"confidence", rounded(span.confidence)},
                    {"text", span.range.of(text)}});
  }
  return json;
}

void segment(const SegmentArgs& args, const Context& context) {
  const auto identifier = open_language_identifier(context.models, args.model);
  if (!identifier->has_model() && args.model.empty()) fmt::print(stderr, "{}\n", kNoIdentifierNotice);
  for_each_text(args.texts, [&](std::string_view text) {
    const auto spans = identifier->segment(text);
    if (args.texts.json) {
      fmt::print("{}\n", to_line(to_json(text, spans)));
      return;
    }
    for (const LanguageSpan& span : spans) {
      fmt::print("{:>6} {:>6}  {:<10} {} {:.2f}  {}\n", span.range.begin, span.range.end, span.language.tag(),
                 span.script, span.confidence, span.range.of(text));
    }
  });
}

}  // namespace

void add_lang_segment_command(CLI::App& lang, const Context& context) {
  auto args = std::make_shared<SegmentArgs>();
  CLI::App* command = lang.add_subcommand("segment", "Cut texts where their language or script changes");
  add_lang_texts(*command, args->texts);
  command->add_option("--model", args->model,
                      fmt::format("As of lang detect [{}, if it is installed]", kDefaultIdentifier));
  command->footer(
      "Of each span: bytes from and to, language, script, how sure the language is.\n"
      "Example:\n"
      "  dragoman lang segment \"Она сказала: see you tomorrow at the station, и ушла.\"");
  command->callback([args, &context] { segment(*args, context); });
}

}  // namespace dragoman::cli
