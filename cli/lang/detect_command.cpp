#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/encode/language_identifiers.h"
#include "dragoman/engine/engine.h"
#include "lang/lang_commands.h"
#include "search_flags.h"

namespace dragoman::cli {
namespace {

struct DetectArgs {
  LangTexts texts;
  std::string model, allowed;
  std::filesystem::path index;
  bool labels = false;
  std::size_t top = 3;
};

void print_labels(const LanguageIdentifier& identifier, std::string_view text, const DetectArgs& args) {
  auto labels = identifier.model_probabilities(text);
  std::ranges::stable_sort(labels, [](const auto& a, const auto& b) { return a.second > b.second; });
  if (args.texts.json) {
    OrderedJson json = OrderedJson::object();
    for (const auto& [label, probability] : labels) json[label] = probability;
    fmt::print("{}\n", to_line(json));
    return;
  }
  if (labels.size() > args.top) labels.resize(args.top);
  for (const auto& [label, probability] : labels) fmt::print("{} {:.6f}  ", label, probability);
  fmt::print("{}\n", text);
}

OrderedJson to_json(const LanguagePosterior& posterior) {
  const LanguageGuess guess = posterior.guess();
  OrderedJson json = {{"language", guess.language.tag()},
                      {"confidence", rounded(guess.confidence)},
                      {"script", posterior.script},
                      {"by", posterior.by_model ? "model" : "script"},
                      {"posterior", OrderedJson::object()}};
  for (const auto& [language, probability] : posterior.languages)
    json["posterior"][language.tag()] = rounded(probability);
  return json;
}

void print(const LanguagePosterior& posterior, std::string_view text, std::size_t top) {
  const LanguageGuess guess = posterior.guess();
  std::string others;
  for (std::size_t i = 0; i < std::min(top, posterior.languages.size()); ++i) {
    others += fmt::format("{}{} {:.2f}", i == 0 ? "" : ", ", posterior.languages[i].language.tag(),
                          posterior.languages[i].probability);
  }
  fmt::print("{:<10} {:.2f}  ({})  {}\n", guess.language.tag(), guess.confidence, others, text);
}

void detect(const DetectArgs& args, const Context& context) {
  const auto identifier = open_language_identifier(context.models, args.model);
  if (args.labels && !identifier->has_model()) throw InvalidArgument("--labels shows a model's labels; give a --model");
  if (!identifier->has_model() && args.model.empty()) fmt::print(stderr, "{}\n", kNoIdentifierNotice);
  LanguagePrior prior;
  std::optional<Engine> engine;
  if (!args.index.empty())
    engine.emplace(args.index, EngineOptions{.models = context.models, .identifier = args.model});
  for (const std::string& tag : split_list(args.allowed)) prior.allowed.push_back(Language::parse(tag));
  for_each_text(args.texts, [&](std::string_view text) {
    if (args.labels) {
      print_labels(*identifier, text, args);
      return;
    }
    const LanguagePosterior posterior =
        engine ? engine->query_language(text, prior.allowed) : identifier->posterior(text, prior);
    if (args.texts.json) {
      fmt::print("{}\n", to_line(to_json(posterior)));
    } else {
      print(posterior, text, args.top);
    }
  });
}

}  // namespace

void add_lang_detect_command(CLI::App& lang, const Context& context) {
  auto args = std::make_shared<DetectArgs>();
  CLI::App* command = lang.add_subcommand("detect", "Tell the language of texts, and how sure that is");
  add_lang_texts(*command, args->texts);
  command->add_option("--model", args->model,
                      fmt::format("An installed language identifier, a fastText file, or 'script' for none [{}, if it "
                                  "is installed]",
                                  kDefaultIdentifier));
  command->add_option("--allowed", args->allowed, "The only languages that are possible (de,fr,hi)");
  command->add_option("--index", args->index,
                      "A collection: texts are questions to it, likelier in its languages and with its words");
  command->add_option("--top", args->top, "Languages to show in brackets")->capture_default_str();
  command->add_flag("--labels", args->labels, "What the model itself says, by its labels, nothing added");
  command->footer(
      "A language is named if it has more than half of the belief, else the script alone.\n"
      "Examples:\n"
      "  dragoman lang detect \"Wapi kuna maji?\" \"Где вода?\"\n"
      "  dragoman lang detect --file texts.txt --allowed sw,en --json");
  command->callback([args, &context] { detect(*args, context); });
}

}  // namespace dragoman::cli
