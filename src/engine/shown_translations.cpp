#include "dragoman/engine/shown_translations.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "dragoman/base/error.h"
#include "dragoman/translate/lexicon_translator.h"
#include "dragoman/translate/translator_registry.h"
#include "engine/option_table.h"

namespace dragoman {
namespace {

using namespace option_table;

constexpr std::array kShows = {Choice<ShowPassages>{"original", ShowPassages::original},
                               Choice<ShowPassages>{"translated", ShowPassages::translated},
                               Choice<ShowPassages>{"glossed", ShowPassages::glossed}};

}  // namespace

ShowPassages parse_show_passages(std::string_view name) { return pick("show", name, kShows); }

struct PassageReader::State {
  ShowPassages show;
  TranslatorRegistry registry;
  Analyzer analyzer;
  std::map<Language, std::unique_ptr<CachedTranslator>> open;  ///< By source; null: nobody translates it.
  std::map<Language, std::string> routes;
  std::vector<std::string> notices;

  void note(std::string notice) {
    if (std::ranges::find(notices, notice) == notices.end()) notices.push_back(std::move(notice));
  }

  std::optional<ShownPassage> translated(const std::string& text, const Language& from, const Language& to) {
    if (!open.contains(from)) {
      auto& translator = open[from];
      try {
        translator = registry.open(from, to);
        const auto ways = registry.routes(from, to);
        routes[from] = ways.front().name();
      } catch (const NotFound& error) {
        note(error.what());
      }
    }
    CachedTranslator* translator = open[from].get();
    if (translator == nullptr) return std::nullopt;
    auto said = translator->translate({&text, 1}, from, to);
    if (!said[0]) return std::nullopt;
    return ShownPassage{*std::move(said[0]), to, routes[from], translator->records()[0].made};
  }

  std::optional<ShownPassage> glossed(const std::string& text, const Language& from, const Language& to) {
    const auto table = registry.tables().find(from, to);
    if (!table) {
      note(fmt::format("no table glosses '{}' in '{}'; make one with: dragoman translate learn", from.tag(), to.tag()));
      return std::nullopt;
    }
    auto said = gloss(*table, analyzer, text, from);
    if (!said) return std::nullopt;
    return ShownPassage{*std::move(said), to, fmt::format("lexicon:{}", table->path().stem().string()), 0};
  }
};

PassageReader::PassageReader(ShowPassages show, const EngineOptions& options, const SearchOptions& search)
    : state_(new State{.show = show,
                       .registry = TranslatorRegistry({.models = options.models,
                                                       .tables = search.translation_tables,
                                                       .providers = search.translators,
                                                       .threads = options.threads,
                                                       .cache = options.cache,
                                                       .cache_bytes = options.cache_bytes}),
                       .analyzer = Analyzer(Analyzer::kDefaultName),
                       .open = {},
                       .routes = {},
                       .notices = {}}) {}

PassageReader::~PassageReader() = default;

std::vector<std::optional<ShownPassage>> PassageReader::read(const SearchResult& result) {
  std::vector<std::optional<ShownPassage>> shown(result.hits.size());
  const Language& to = result.query.language;
  if (state_->show == ShowPassages::original) return shown;
  if (to.undetermined()) {
    state_->note("the question's language is not known, so nothing is shown in it; say it with --lang");
    return shown;
  }
  for (std::size_t i = 0; i < result.hits.size(); ++i) {
    const SearchHit& hit = result.hits[i];
    if (same_written_language(hit.language, to)) continue;
    const std::string text(hit.passage.of(hit.document.text));
    shown[i] = state_->show == ShowPassages::glossed ? state_->glossed(text, hit.language, to)
                                                     : state_->translated(text, hit.language, to);
  }
  return shown;
}

std::vector<std::string> PassageReader::notices() const {
  std::vector<std::string> all = state_->notices;
  for (const auto& [from, translator] : state_->open) {
    if (!translator) continue;
    for (std::string& notice : translator->notices()) all.push_back(std::move(notice));
  }
  return all;
}

}  // namespace dragoman
