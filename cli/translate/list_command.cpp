#include <fmt/format.h>

#include <memory>

#include "base/json.h"
#include "translate/provider_flags.h"
#include "translate/translate_commands.h"

namespace dragoman::cli {
namespace {

struct ListArgs {
  std::string from, to;
  ProviderFlags flags;
  bool json = false;
};

std::string shown(const std::optional<TranslationQuality>& measured, double expected) {
  return measured ? fmt::format("chrF {:.1f} measured", expected) : fmt::format("chrF {:.0f} assumed", expected);
}

OrderedJson quality_json(const std::optional<TranslationQuality>& measured) {
  if (!measured) return nullptr;
  return {{"chrf", measured->chrf},
          {"bleu", measured->bleu},
          {"sentences", measured->sentences},
          {"sentences_per_second", measured->sentences_per_second},
          {"source", measured->source}};
}

OrderedJson table_json(const TranslationTable& table) {
  const TableInfo& info = table.info();
  return {{"kind", to_string(info.kind)},
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

std::shared_ptr<const TranslationTable> table_of(const TranslatorRegistry& registry, const TranslationStep& step) {
  return step.kind == ProviderKind::lexicon ? registry.tables().find(step.from, step.to) : nullptr;
}

std::optional<TranslationQuality> measured(const TranslatorRegistry& registry, const TranslationStep& step) {
  for (const TranslationQuality& quality : registry.qualities()) {
    if (quality.route == step.name && quality.from == step.from && quality.to == step.to) return quality;
  }
  return std::nullopt;
}

void print(const TranslatorRegistry& registry, const TranslationStep& step, bool json) {
  const auto table = table_of(registry, step);
  const auto quality = measured(registry, step);
  if (json) {
    OrderedJson line{{"from", step.from.tag()}, {"to", step.to.tag()}};
    if (table) line.update(table_json(*table));
    line.update({{"provider", to_string(step.kind)}, {"name", step.name}, {"source", step.source}});
    line["quality"] = quality_json(quality);
    fmt::print("{}\n", to_line(line));
    return;
  }
  std::string more;
  if (quality) more += fmt::format("  chrF {:.1f}, BLEU {:.1f}", quality->chrf, quality->bleu);
  if (table)
    more += fmt::format("  {}, {} words, {} bytes", to_string(table->info().kind), table->words(), table->bytes());
  fmt::print("{:<7} {:<7} {:<32}{}\n", step.any_pair() ? "any" : step.from.tag(),
             step.any_pair() ? "any" : step.to.tag(), step.name, more);
}

void print(const TranslationRoute& route, const ListArgs& args) {
  if (!args.json) {
    fmt::print("{:<44} {}\n", route.name(), shown(route.measured, route.expected_chrf));
    return;
  }
  OrderedJson steps = OrderedJson::array();
  for (const TranslationStep& step : route.steps) {
    steps.push_back({{"from", step.any_pair() ? args.from : step.from.tag()},
                     {"to", step.any_pair() ? args.to : step.to.tag()},
                     {"provider", to_string(step.kind)},
                     {"name", step.name},
                     {"source", step.source}});
  }
  fmt::print("{}\n", to_line(OrderedJson{{"route", route.name()},
                                         {"expected_chrf", route.expected_chrf},
                                         {"quality", quality_json(route.measured)},
                                         {"steps", steps}}));
}

void run_list(const ListArgs& args, const Context& context) {
  const TranslatorRegistry registry(args.flags.options(context));
  if (!args.from.empty() && !args.to.empty()) {
    const Language from = Language::parse(args.from), to = Language::parse(args.to);
    const auto routes = registry.routes(from, to);
    if (routes.empty()) registry.open(from, to);  // Says what to install.
    for (const TranslationRoute& route : routes) print(route, args);
    return;
  }
  const auto wanted = [](const std::string& tag, const Language& language) {
    return tag.empty() || same_written_language(Language::parse(tag), language);
  };
  bool any = false;
  for (const TranslationStep& step : registry.steps()) {
    if (!step.any_pair() && (!wanted(args.from, step.from) || !wanted(args.to, step.to))) continue;
    print(registry, step, args.json);
    any = true;
  }
  if (!any && !args.json) {
    fmt::print(stderr,
               "nothing translates here; get a model (dragoman model pull), a pair of Apertium (sudo apt install "
               "apertium apertium-eng-spa), or make tables (dragoman translate learn)\n");
  }
}

}  // namespace

void add_translate_list_command(CLI::App& translate, const Context& context) {
  auto args = std::make_shared<ListArgs>();
  CLI::App* command = translate.add_subcommand(
      "list", "List who translates which pair, and how well; with --from and --to the routes, the best first");
  args->flags.add(*command);
  command->add_option("--from", args->from, "Only from this language");
  command->add_option("--to", args->to, "Only to this language");
  command->add_flag("--json", args->json, "A line of JSON a provider and pair, or a route");
  command->footer(
      "Quality is what 'translate evaluate --pairs' measured; routes that nobody measured are ordered by what their "
      "kind "
      "is assumed to reach.\n"
      "Examples:\n"
      "  dragoman translate list\n"
      "  dragoman translate list --from pt --to fr\n"
      "  dragoman translate list --translation-table tables");
  command->callback([args, &context] { run_list(*args, context); });
}

}  // namespace dragoman::cli
