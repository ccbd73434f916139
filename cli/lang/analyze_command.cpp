#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/text/analyzer.h"
#include "lang/lang_commands.h"

namespace dragoman::cli {
namespace {

struct AnalyzeArgs {
  LangTexts texts;
  std::string analyzer = std::string(Analyzer::kDefaultName), language;
  bool segment = false, query = false, list = false;
};

OrderedJson to_json(const AnalysisRules& rules) {
  return {{"languages", rules.languages},
          {"stemming", rules.stemming},
          {"folds", rules.folds},
          {"question_words", rules.question_words},
          {"reason", rules.reason}};
}

void print_rules(bool json) {
  if (!json) {
    fmt::print(
        "Analyzers: multilingual (also with +camel_case, +compounds, +hunspell, +spans), icu, whitespace.\n"
        "What multilingual does by language:\n");
  }
  for (const AnalysisRules& rules : Analyzer::language_rules()) {
    if (json) {
      fmt::print("{}\n", to_line(to_json(rules)));
      continue;
    }
    const std::string languages =
        rules.languages.empty() ? "all others" : fmt::format("{}", fmt::join(rules.languages, " "));
    fmt::print("{:<26} {:<20} {}\n", languages, rules.stemming, fmt::join(rules.folds, " "));
    if (!rules.reason.empty()) fmt::print("{:<26} {}\n", "", rules.reason);
  }
}

OrderedJson to_json(const ExplainedToken& explained) {
  OrderedJson json = {{"text", explained.token.text}, {"begin", explained.token.begin}, {"end", explained.token.end}};
  json["language"] = explained.language.tag();
  json["steps"] = OrderedJson::array();
  for (const AnalysisStep& step : explained.steps) json["steps"].push_back({{"step", step.step}, {"text", step.text}});
  return json;
}

void print(const ExplainedToken& explained, std::string_view text) {
  const Token& token = explained.token;
  fmt::print("{:>4}-{:<4} {}", token.begin, token.end, text.substr(token.begin, token.end - token.begin));
  for (const AnalysisStep& step : explained.steps) fmt::print("  {} {}", step.step, step.text);
  fmt::print("  -> {}  ({})\n", token.text, explained.language.tag());
}

void analyze(const AnalyzeArgs& args, const Context& context) {
  if (args.list) {
    print_rules(args.texts.json);
    return;
  }
  if (args.segment && !args.language.empty()) {
    throw InvalidArgument("--segment finds languages by itself; leave out --language");
  }
  std::shared_ptr<const LanguageIdentifier> identifier;
  if (args.language.empty() || Analyzer::finds_spans(args.analyzer)) {
    identifier = open_language_identifier(context.models);
    if (!identifier->has_model()) fmt::print(stderr, "{}\n", kNoIdentifierNotice);
  }
  const Analyzer analyzer(args.analyzer, identifier);
  for_each_text(args.texts, [&](std::string_view text) {
    const Language language =
        args.language.empty() ? identifier->posterior(text).guess().language : Language::parse(args.language);
    const std::vector<LanguageSpan> spans = args.segment ? identifier->segment(text) : std::vector<LanguageSpan>();
    const auto explained =
        args.query ? analyzer.explain_query(text, language) : analyzer.explain(text, spans, language);
    if (!args.texts.json) {
      fmt::print("{}\n", text);
      for (const ExplainedToken& token : explained) print(token, text);
      return;
    }
    OrderedJson json = {{"analyzer", analyzer.version()}, {"language", language.tag()}};
    json["tokens"] = OrderedJson::array();
    for (const ExplainedToken& token : explained) json["tokens"].push_back(to_json(token));
    fmt::print("{}\n", to_line(json));
  });
}

}  // namespace

void add_lang_analyze_command(CLI::App& lang, const Context& context) {
  auto args = std::make_shared<AnalyzeArgs>();
  CLI::App* command = lang.add_subcommand("analyze", "Show the index words of texts, and what made them");
  add_lang_texts(*command, args->texts);
  command
      ->add_option("--analyzer", args->analyzer,
                   "multilingual (also with +camel_case, +compounds, +hunspell, +spans), icu or whitespace")
      ->capture_default_str();
  command->add_option("--language", args->language, "Language of the texts [it is told from each text]");
  command->add_flag("--segment", args->segment, "Analyse each part of a text by its own language");
  command->add_flag("--query", args->query, "As queries: without words that only ask");
  command->add_flag("--list", args->list, "Show the analyzers, and the rules of each language, instead");
  command->footer(
      "A line a word: its bytes, the word, what each step made of it, the index word, and the language.\n"
      "Examples:\n"
      "  dragoman lang analyze --language tr \"Kitaplarımız İstanbul'da\"\n"
      "  dragoman lang analyze --analyzer multilingual+spans --language hi \"कल train late थी, so the children were "
      "waiting for hours\"\n"
      "  dragoman lang analyze --segment \"Yaar, मुझे iPhone का battery चाहिए\" --json");
  command->callback([args, &context] { analyze(*args, context); });
}

}  // namespace dragoman::cli
