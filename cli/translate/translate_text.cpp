#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "terminal_progress.h"
#include "translate/provider_flags.h"
#include "translate/translate_commands.h"

namespace dragoman::cli {
namespace {

struct TextArgs {
  std::string from, to, file = "-";
  ProviderFlags flags;
  bool json = false;
};

struct Counts {
  std::size_t lines = 0, untranslated = 0, copies = 0;
};

/// Words that came out as they went in: text in another language than was said, as a rule, or a list of names.
bool is_copy(std::string_view text, const std::optional<std::string>& translation) {
  constexpr std::size_t kLeastSpaces = 2;
  return translation == text && std::ranges::count(text, ' ') >= static_cast<std::ptrdiff_t>(kLeastSpaces) &&
         std::ranges::any_of(text, [](unsigned char c) { return std::isalpha(c) != 0 || c >= 0x80; });
}

void print(const TextArgs& args, const std::string& route, const std::vector<std::string>& texts,
           const std::vector<std::optional<std::string>>& translations, const CachedTranslator& translator) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!args.json) {
      // A line for a line, whatever a provider made of it.
      std::string line = translations[i].value_or("");
      std::ranges::replace(line, '\n', ' ');
      fmt::print("{}\n", line);
      continue;
    }
    const TranslationRecord& record = translator.records()[i];
    OrderedJson line{
        {"text", texts[i]},       {"from", args.from}, {"to", args.to},         {"provider", record.provider},
        {"translation", nullptr}, {"route", route},    {"stamp", record.stamp}, {"made", nullptr},
        {"cached", record.cached}};
    if (translations[i]) line["translation"] = *translations[i];
    if (record.made != 0) line["made"] = fmt::format("{:%FT%TZ}", fmt::gmtime(static_cast<std::time_t>(record.made)));
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
  const TranslatorRegistry registry(args.flags.options(context));
  const auto translator = registry.open(from, to);
  const auto ways = registry.routes(from, to);
  const std::string route = ways.front().name();
  LineReader lines(args.file);
  Counts counts;
  TerminalProgress progress;
  const auto callback = progress.callback();
  std::vector<std::string> block;
  const auto flush = [&] {
    const auto translations = translator->translate(block, from, to);
    print(args, route, block, translations, *translator);
    for (std::size_t i = 0; i < block.size(); ++i) {
      counts.untranslated += !translations[i].has_value();
      counts.copies += is_copy(block[i], translations[i]);
    }
    counts.lines += block.size();
    block.clear();
    report(callback, {"translate", "bytes", lines.bytes_read(), lines.bytes_total(), "lines", counts.lines});
  };
  for (std::string_view line; lines.next(line);) {
    if (find_invalid_utf8(line) != line.npos) {
      throw InvalidData(fmt::format("{}: is not UTF-8; convert it with iconv", lines.place()));
    }
    block.emplace_back(line);
    if (block.size() == std::max<std::size_t>(translator->batch_texts(), 1)) flush();
  }
  if (!block.empty()) flush();
  for (const std::string& notice : translator->notices()) fmt::print(stderr, "{}\n", notice);
  if (counts.untranslated != 0) {
    fmt::print(stderr, "{} of {} lines have no translation: {} can say nothing about what they are written in\n",
               counts.untranslated, counts.lines, translator->name());
  }
  if (counts.copies != 0) {
    fmt::print(stderr, "{} of {} lines came out as they went in; are they in '{}'?\n", counts.copies, counts.lines,
               from.tag());
  }
}

}  // namespace

void add_translate_text(CLI::App& translate, const Context& context) {
  auto args = std::make_shared<TextArgs>();
  translate.add_option("file", args->file, "A text a line (.gz, .zst); - for standard input")->capture_default_str();
  translate.add_option("--from", args->from, "Language of the texts");
  translate.add_option("--to", args->to, "Language to say them in");
  args->flags.add(translate);
  args->flags.add_marian(translate);
  translate.add_flag("--json", args->json,
                     "A line of JSON a text: text, from, to, provider, translation (or null), route, stamp (what made "
                     "it), made (when), cached");
  translate.footer(
      "Prints a line for each line; an empty one where there is no translation. The best route is taken, over a third "
      "language if need be (translate list --from --to shows all). What was translated once is kept in the cache, so a "
      "command that was interrupted goes on where it was.\n"
      "Examples:\n"
      "  dragoman model pull marian-pt-en\n"
      "  echo \"Onde fica a biblioteca?\" | dragoman translate --from pt --to en\n"
      "  sudo apt install apertium apertium-eng-spa\n"
      "  echo \"Where is the library?\" | dragoman translate --from en --to es\n"
      "  echo \"Wo ist die Bibliothek?\" | dragoman translate --from de --to en --provider llm:gemma-3-270m\n"
      "  dragoman translate --from de --to en --provider libretranslate:http://127.0.0.1:5000 texts.txt\n"
      "  dragoman translate learn --from en --to sw --pairs train.en,train.sw --lexicon eng-swa.tsv\n"
      "  echo \"hot water\" | dragoman translate --from en --to sw");
  translate.callback([args, &translate, &context] {
    if (translate.get_subcommands().empty()) run_text(*args, context);
  });
}

}  // namespace dragoman::cli
