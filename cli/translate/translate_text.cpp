#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/translate/lexicon_translator.h"
#include "dragoman/translate/marian.h"
#include "dragoman/translate/table_set.h"
#include "terminal_progress.h"
#include "translate/translate_commands.h"

namespace dragoman::cli {
namespace {

// Enough lines to fill every thread's batches; few enough that a reader of standard output does not wait.
constexpr std::size_t kBlockLines = 1024;

struct TextArgs {
  std::string from, to, file = "-", provider, model, precision;
  std::string analyzer = std::string(Analyzer::kDefaultName);
  std::vector<std::filesystem::path> tables;
  MarianOptions marian;
  std::size_t beam_size = 0;
  bool whole_lines = false, no_protect = false, json = false;
};

struct Counts {
  std::size_t lines = 0, untranslated = 0;
};

MarianOptions marian_options(const TextArgs& args, const Context& context) {
  MarianOptions options = args.marian;
  options.threads = context.threads;
  options.split_sentences = !args.whole_lines;
  options.protect = !args.no_protect;
  if (!args.precision.empty()) options.precision = parse_precision(args.precision);
  if (args.beam_size != 0) options.beam_size = args.beam_size;
  return options;
}

std::unique_ptr<Translator> open_marian(const TextArgs& args, const Language& from, const Language& to,
                                        const Context& context) {
  MarianOptions options = marian_options(args, context);
  const ModelStore store(context.models);
  if (args.model.empty()) return open_marian_translator(store, from, to, options);
  if (std::filesystem::is_directory(args.model)) {
    options.from = from;
    options.to = to;
    return open_marian_translator(std::filesystem::path(args.model), options);
  }
  const Model model = store.find(args.model);
  if (model.kind != ModelKind::translator) {
    throw InvalidArgument(
        fmt::format("model '{}' is no translator; 'dragoman model list' shows which are", model.name));
  }
  return open_marian_translator(model, options);
}

std::shared_ptr<const TableSet> open_tables(const TextArgs& args, const Context& context) {
  return std::make_shared<TableSet>(args.tables, default_table_folder(context.models));
}

std::unique_ptr<Translator> lexicon(const TextArgs& args, std::shared_ptr<const TableSet> tables) {
  return std::make_unique<LexiconTranslator>(std::move(tables), std::make_shared<Analyzer>(args.analyzer));
}

std::unique_ptr<Translator> open_lexicon(const TextArgs& args, const Language&, const Language&,
                                         const Context& context) {
  return lexicon(args, open_tables(args, context));
}

struct Provider {
  std::string_view name;
  std::unique_ptr<Translator> (*open)(const TextArgs& args, const Language& from, const Language& to,
                                      const Context& context);
};
constexpr Provider kProviders[] = {{"marian", open_marian}, {"lexicon", open_lexicon}};

/// Sentences are better than words: a lexicon is taken unasked only where no model serves the pair.
std::unique_ptr<Translator> open_best(const TextArgs& args, const Language& from, const Language& to,
                                      const Context& context) {
  if (!args.model.empty()) return open_marian(args, from, to, context);
  if (!args.tables.empty()) return open_lexicon(args, from, to, context);
  const auto models = find_marian_models(ModelStore(context.models), from, to);
  if (!models.empty()) return open_marian_translator(models.front(), marian_options(args, context));
  auto tables = open_tables(args, context);
  if (tables->find(from, to)) return lexicon(args, std::move(tables));
  return open_marian(args, from, to, context);  // Which says where to get a model.
}

std::unique_ptr<Translator> open(const TextArgs& args, const Language& from, const Language& to,
                                 const Context& context) {
  if (args.provider.empty()) return open_best(args, from, to, context);
  std::string names;
  for (const Provider& provider : kProviders) {
    if (provider.name == args.provider) return provider.open(args, from, to, context);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", provider.name);
  }
  throw InvalidArgument(fmt::format("no provider '{}'; choose of {}", printable(args.provider), names));
}

void print(const TextArgs& args, const std::vector<std::string>& texts,
           const std::vector<std::optional<std::string>>& translations, const Translator& translator) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!args.json) {
      fmt::print("{}\n", translations[i].value_or(""));
      continue;
    }
    OrderedJson line{{"text", texts[i]},
                     {"from", args.from},
                     {"to", args.to},
                     {"provider", translator.name()},
                     {"translation", nullptr}};
    if (translations[i]) line["translation"] = *translations[i];
    fmt::print("{}\n", to_line(line));
  }
}

void run_text(TextArgs args, const Context& context) {
  if (args.from.empty() || args.to.empty()) {
    throw InvalidArgument("translate needs --from and --to, like: dragoman translate --from pt --to en texts.txt");
  }
  const Language from = Language::parse(args.from), to = Language::parse(args.to);
  args.from = from.tag();
  args.to = to.tag();
  TerminalProgress progress;
  args.marian.progress = progress.callback();
  const auto translator = open(args, from, to, context);
  require_pair(*translator, from, to);
  LineReader lines(args.file);
  Counts counts;
  std::vector<std::string> block;
  const auto flush = [&] {
    const auto translations = translator->translate(block, from, to);
    print(args, block, translations, *translator);
    for (const auto& translation : translations) counts.untranslated += !translation.has_value();
    counts.lines += block.size();
    block.clear();
  };
  for (std::string_view line; lines.next(line);) {
    if (find_invalid_utf8(line) != line.npos) {
      throw InvalidData(fmt::format("{}: is not UTF-8; convert it with iconv", lines.place()));
    }
    block.emplace_back(line);
    if (block.size() == kBlockLines) flush();
  }
  if (!block.empty()) flush();
  if (counts.untranslated != 0) {
    fmt::print(stderr, "{} of {} lines have no translation: {} knows nothing of what they are written in\n",
               counts.untranslated, counts.lines, translator->name());
  }
}

}  // namespace

void add_translate_text(CLI::App& translate, const Context& context) {
  auto args = std::make_shared<TextArgs>();
  translate.add_option("file", args->file, "A text a line (.gz, .zst); - for standard input")->capture_default_str();
  translate.add_option("--from", args->from, "Language of the texts");
  translate.add_option("--to", args->to, "Language to say them in");
  translate.add_option(
      "--provider", args->provider,
      "Who translates: marian (sentences) or lexicon (word by word) [marian where a model serves the pair]");
  translate.add_option("--model", args->model, "marian: an installed model, its file, or a folder of Marian's files");
  translate.add_option("--precision", args->precision, "marian: int8 or f32 [int8 where the processor is fast at it]");
  translate.add_option("--beam-size", args->beam_size,
                       "marian: translations followed at a time, 1 to 64 [the model's]");
  translate.add_option("--max-tokens", args->marian.max_tokens, "marian: longer sentences are cut")
      ->capture_default_str();
  translate.add_flag("--whole-lines", args->whole_lines, "marian: each line is one sentence");
  translate.add_flag("--no-protect", args->no_protect, "marian: do not look after lost numbers, addresses and tags");
  translate
      .add_option("--translation-table", args->tables,
                  "lexicon: tables, or folders of them [the folder translation, beside the models]")
      ->allow_extra_args(false);
  translate.add_option("--analyzer", args->analyzer, "lexicon: what made the tables' words")->capture_default_str();
  translate.add_flag("--json", args->json, "A line of JSON a text: text, from, to, provider, translation (or null)");
  translate.footer(
      "Prints a line for each line; an empty one where there is no translation.\n"
      "Examples:\n"
      "  dragoman model pull marian-pt-en\n"
      "  echo \"Onde fica a biblioteca?\" | dragoman translate --from pt --to en\n"
      "  dragoman translate learn --from en --to sw --pairs train.en,train.sw --lexicon eng-swa.tsv\n"
      "  echo \"hot water\" | dragoman translate --from en --to sw");
  translate.callback([args, &translate, &context] {
    if (translate.get_subcommands().empty()) run_text(*args, context);
  });
}

}  // namespace dragoman::cli
