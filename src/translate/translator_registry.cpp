#include "dragoman/translate/translator_registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

#include "base/environment.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/translate/lexicon_translator.h"
#include "dragoman/translate/remote_translators.h"
#include "translate/quality_file.h"

namespace dragoman {
namespace {

const Language kAny = Language::parse("mul");

/// @param installed it is found without being named. @param pivots it may be a step of two.
struct KindRow {
  ProviderKind kind;
  std::string_view name;
  double assumed_chrf;  ///< Where nobody measured: about what they reach on news between well-served languages.
  bool installed;
  bool pivots;
};
constexpr std::array<KindRow, 6> kKinds = {{
    {ProviderKind::marian, "marian", 55, true, true},
    {ProviderKind::libretranslate, "libretranslate", 54, false, false},
    {ProviderKind::openai, "openai", 52, false, false},
    {ProviderKind::apertium, "apertium", 48, true, true},
    {ProviderKind::llm, "llm", 35, false, false},
    {ProviderKind::lexicon, "lexicon", 25, true, false},
}};

const KindRow& row_of(ProviderKind kind) { return *std::ranges::find(kKinds, kind, &KindRow::kind); }

/// The kind of "llm:NAME". @throws InvalidArgument if there is no such kind.
const KindRow& row_of(std::string_view provider) {
  const auto row = std::ranges::find(kKinds, provider.substr(0, provider.find(':')), &KindRow::name);
  if (row != kKinds.end()) return *row;
  throw InvalidArgument(fmt::format("no provider '{}'; choose of {}", printable(provider), provider_kind_names()));
}

std::filesystem::path quality_path(const std::filesystem::path& models) {
  return default_table_folder(models) / "quality.json";
}

/// What is made for one region ("en-US") is for those who ask for it.
bool speaks(const Language& has, const Language& asked) {
  return has == asked || (same_written_language(has, asked) && has.tag().size() <= asked.tag().size());
}

bool serves(const TranslationStep& step, const Language& from, const Language& to) {
  if (!step.among.empty()) {
    const auto knows = [&](const Language& asked) {
      return std::ranges::any_of(step.among, [&](const Language& one) { return same_written_language(one, asked); });
    };
    return knows(from) && knows(to);
  }
  return step.any_pair() || (speaks(step.from, from) && speaks(step.to, to));
}

template <class Entry>
bool translates(const Entry& entry, const Language& from, const Language& to) {
  return entry.kind == ModelKind::translator && entry.languages.size() == 2 &&
         same_written_language(Language::parse(entry.languages[0]), from) &&
         same_written_language(Language::parse(entry.languages[1]), to);
}

TranslationStep marian_step(const Model& model, std::string_view asked) {
  if (model.kind != ModelKind::translator) {
    throw InvalidArgument(
        fmt::format("model '{}' is no translator; 'dragoman model list' shows which are", model.name));
  }
  TranslationStep step{ProviderKind::marian, fmt::format("marian:{}", asked), kAny, kAny, model.file.string()};
  if (model.languages.size() == 2) {
    step.from = Language::parse(model.languages[0]);
    step.to = Language::parse(model.languages[1]);
  } else if (!model.languages.empty() && model.languages[0] == kManyLanguages) {
    for (const std::string& tag : std::span(model.languages).subspan(1)) step.among.push_back(Language::parse(tag));
  }
  return step;
}

}  // namespace

std::string_view to_string(ProviderKind kind) { return row_of(kind).name; }

std::string provider_kind_names() {
  std::string names;
  for (const KindRow& row : kKinds) names += fmt::format("{}{}", names.empty() ? "" : ", ", row.name);
  return names;
}

std::vector<std::string> parse_providers(std::string_view list) {
  std::vector<std::string> providers;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (end > begin) providers.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  for (const std::string& provider : providers) row_of(std::string_view(provider));
  return providers;
}

std::string TranslationRoute::name() const {
  std::string name;
  for (const TranslationStep& step : steps) name += fmt::format("{}{}", name.empty() ? "" : ">", step.name);
  return name;
}

TranslatorRegistry::TranslatorRegistry(TranslatorRegistryOptions options)
    : options_(std::move(options)),
      store_(options_.models),
      tables_(std::make_shared<TableSet>(options_.tables, default_table_folder(options_.models))),
      modes_(
          find_apertium_modes(options_.apertium.folder.empty() ? default_apertium_folder() : options_.apertium.folder)),
      qualities_(read_qualities(quality_path(options_.models))) {
  for (const std::string& provider : options_.providers) consider(provider);
  if (!options_.providers.empty()) return;
  for (const KindRow& row : kKinds) {
    if (row.installed) consider_kind(row.kind);
  }
  for (const std::string& provider : parse_providers(environment("DRAGOMAN_TRANSLATORS"))) consider(provider);
}

TranslatorRegistry::~TranslatorRegistry() = default;

void TranslatorRegistry::consider_kind(ProviderKind kind) {
  switch (kind) {
    case ProviderKind::marian:
      for (const Model& model : store_.list()) {
        if (model.kind == ModelKind::translator) steps_.push_back(marian_step(model, model.name));
      }
      return;
    case ProviderKind::apertium:
      for (const ApertiumMode& mode : modes_) {
        steps_.push_back({kind, fmt::format("apertium:{}", mode.name), mode.from, mode.to, mode.file.string()});
      }
      return;
    case ProviderKind::lexicon:
      for (const auto& table : tables_->tables()) {
        steps_.push_back({kind, fmt::format("lexicon:{}", table->path().stem().string()), table->info().from,
                          table->info().to, table->path().string()});
      }
      return;
    default:
      throw InvalidArgument(fmt::format("provider '{}' needs to be told which: {}:{}", to_string(kind), to_string(kind),
                                        kind == ProviderKind::llm ? "MODEL" : "URL"));
  }
}

void TranslatorRegistry::consider(std::string_view provider) {
  const KindRow& row = row_of(provider);
  const std::size_t colon = provider.find(':');
  if (colon == provider.npos) return consider_kind(row.kind);
  const std::string_view which = provider.substr(colon + 1);
  const TranslationStep any{row.kind, std::string(provider), kAny, kAny, std::string(which)};
  switch (row.kind) {
    case ProviderKind::marian: {
      std::error_code ignored;
      if (std::filesystem::is_directory(which, ignored)) {
        steps_.push_back(any);
      } else {
        steps_.push_back(marian_step(store_.find(which), which));
      }
      return;
    }
    case ProviderKind::llm:
    case ProviderKind::libretranslate:
    case ProviderKind::openai:
      steps_.push_back(any);
      return;
    case ProviderKind::apertium:
    case ProviderKind::lexicon:
      consider_kind(row.kind);
      std::erase_if(steps_,
                    [&](const TranslationStep& step) { return step.kind == row.kind && step.name != provider; });
      if (std::ranges::none_of(steps_, [&](const TranslationStep& step) { return step.name == provider; })) {
        throw NotFound(
            fmt::format("provider '{}' is not installed; see: dragoman translate list", printable(provider)));
      }
      return;
  }
}

const TranslationQuality* TranslatorRegistry::measured(std::string_view route, const Language& from,
                                                       const Language& to) const {
  const auto found = std::ranges::find_if(qualities_, [&](const TranslationQuality& quality) {
    return quality.route == route && same_written_language(quality.from, from) && same_written_language(quality.to, to);
  });
  return found == qualities_.end() ? nullptr : &*found;
}

double TranslatorRegistry::expected(const TranslationStep& step, const Language& from, const Language& to) const {
  const auto* quality = measured(step.name, from, to);
  return quality != nullptr ? quality->chrf : row_of(step.kind).assumed_chrf;
}

std::vector<TranslationStep> TranslatorRegistry::steps() const {
  std::vector<TranslationStep> steps = steps_;
  std::ranges::stable_sort(steps, [&](const TranslationStep& a, const TranslationStep& b) {
    if (a.from != b.from) return a.from < b.from;
    if (a.to != b.to) return a.to < b.to;
    return expected(a, a.from, a.to) > expected(b, b.from, b.to);
  });
  return steps;
}

std::vector<TranslationRoute> TranslatorRegistry::routes(const Language& from, const Language& to) const {
  std::vector<TranslationRoute> direct, pivoted;
  if (same_written_language(from, to)) return direct;
  const auto finish = [&](TranslationRoute route) {
    if (const auto* quality = measured(route.name(), from, to)) {
      route.measured = *quality;
      route.expected_chrf = quality->chrf;
    }
    return route;
  };
  for (const TranslationStep& step : steps_) {
    if (serves(step, from, to)) direct.push_back(finish({{step}, {}, expected(step, from, to)}));
  }
  for (const TranslationStep& first : steps_) {
    const bool begins = row_of(first.kind).pivots && !first.any_pair() && speaks(first.from, from) &&
                        !same_written_language(first.to, to);
    if (!begins) continue;
    for (const TranslationStep& second : steps_) {
      if (!row_of(second.kind).pivots || second.any_pair()) continue;
      if (first.to != second.from || !speaks(second.to, to)) continue;
      const double share = expected(first, from, first.to) * expected(second, second.from, to) / 100;
      pivoted.push_back(finish({{first, second}, {}, share}));
    }
  }
  const auto better = [](const TranslationRoute& a, const TranslationRoute& b) {
    return a.expected_chrf != b.expected_chrf ? a.expected_chrf > b.expected_chrf : a.name() < b.name();
  };
  direct.insert(direct.end(), pivoted.begin(), pivoted.end());
  std::ranges::sort(direct, better);
  return direct;
}

std::unique_ptr<Translator> TranslatorRegistry::open_step(const TranslationStep& step, const Language& from,
                                                          const Language& to) const {
  const std::string which = step.name.substr(step.name.find(':') + 1);
  switch (step.kind) {
    case ProviderKind::marian: {
      MarianOptions marian = options_.marian;
      marian.threads = options_.threads;
      if (std::error_code ignored; std::filesystem::is_directory(which, ignored)) {
        marian.from = from;
        marian.to = to;
        return open_marian_translator(std::filesystem::path(which), marian);
      }
      return open_marian_translator(store_.find(which), marian);
    }
    case ProviderKind::apertium:
      return open_apertium_translator(from, to, options_.apertium);
    case ProviderKind::lexicon:
      return std::make_unique<LexiconTranslator>(tables_, std::make_shared<Analyzer>(options_.analyzer));
    case ProviderKind::llm: {
      // All processors is the default for work that splits well, which a language model's does not.
      LanguageModelOptions of_model;
      if (options_.threads != 0) of_model.threads = options_.threads;
      return open_language_model_translator(store_.find(which), of_model);
    }
    case ProviderKind::libretranslate:
      return open_libretranslate_translator(which);
    case ProviderKind::openai:
      return open_chat_translator(which);
  }
  throw InvalidArgument("no such provider");
}

std::unique_ptr<Translator> TranslatorRegistry::open_uncached(const TranslationRoute& route, const Language& from,
                                                              const Language& to) const {
  std::unique_ptr<Translator> translator;
  if (route.steps.size() == 1) {
    translator = open_step(route.steps[0], from, to);
  } else {
    const Language over = route.steps[0].to;
    translator =
        make_pivot_translator(open_step(route.steps[0], from, over), open_step(route.steps[1], over, to), over);
  }
  require_pair(*translator, from, to);
  return translator;
}

std::unique_ptr<CachedTranslator> TranslatorRegistry::open(const TranslationRoute& route, const Language& from,
                                                           const Language& to) const {
  // Looking words up is faster than the cache.
  const bool keeps = route.steps[0].kind != ProviderKind::lexicon;
  return std::make_unique<CachedTranslator>(open_uncached(route, from, to),
                                            keeps ? options_.cache : std::filesystem::path(), options_.cache_bytes,
                                            route.name());
}

std::unique_ptr<CachedTranslator> TranslatorRegistry::open(const Language& from, const Language& to) const {
  if (same_written_language(from, to)) {
    throw InvalidArgument(
        fmt::format("'{}' and '{}' are one language; there is nothing to translate", from.tag(), to.tag()));
  }
  const auto ways = routes(from, to);
  if (ways.empty()) throw NotFound(remedy(from, to));
  return open(ways.front(), from, to);
}

std::string TranslatorRegistry::remedy(const Language& from, const Language& to) const {
  std::vector<std::string> ways;
  for (const CatalogueEntry& entry : read_catalogue()) {
    if (!translates(entry, from, to)) continue;
    ways.push_back(fmt::format("dragoman model pull {}", entry.name));
    break;
  }
  if (const std::string package = apertium_package(from, to); !package.empty()) {
    ways.push_back(fmt::format("sudo apt install apertium {}", package));
  }
  const std::string among = fmt::format("{}", fmt::join(options_.providers, ", "));
  const std::string what =
      among.empty() ? "nothing here translates" : fmt::format("none of {} translates", printable(among, 200));
  if (ways.empty()) {
    return fmt::format(
        "{} from '{}' to '{}', and no package or model is known that does; add a model (dragoman model add FOLDER), "
        "learn words (dragoman translate learn), or name an endpoint or language model (--provider)",
        what, from.tag(), to.tag());
  }
  return fmt::format("{} from '{}' to '{}'; get what does with: {}", what, from.tag(), to.tag(),
                     fmt::join(ways, ", or: "));
}

void TranslatorRegistry::keep_quality(const TranslationQuality& quality) {
  std::erase_if(qualities_, [&](const TranslationQuality& old) {
    return old.route == quality.route && old.from == quality.from && old.to == quality.to;
  });
  qualities_.push_back(quality);
  std::ranges::sort(qualities_, [](const TranslationQuality& a, const TranslationQuality& b) {
    return std::tie(a.from, a.to, a.route) < std::tie(b.from, b.to, b.route);
  });
  write_qualities(quality_path(options_.models), qualities_);
}

}  // namespace dragoman
