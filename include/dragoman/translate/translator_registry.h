#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/analyzer.h"
#include "dragoman/translate/apertium.h"
#include "dragoman/translate/cached_translator.h"
#include "dragoman/translate/marian.h"
#include "dragoman/translate/table_set.h"

namespace dragoman {

enum class ProviderKind { marian, libretranslate, openai, apertium, llm, lexicon };

/// "marian", "libretranslate", "openai", "apertium", "llm", "lexicon".
std::string_view to_string(ProviderKind kind);
/// Their names: "marian, libretranslate, openai, apertium, llm, lexicon".
std::string provider_kind_names();
/// Names of providers with commas between them. @throws InvalidArgument for one of no kind that is known.
std::vector<std::string> parse_providers(std::string_view list);

/// One provider for one pair of languages.
struct TranslationStep {
  ProviderKind kind = ProviderKind::marian;
  std::string name;  ///< "marian:marian-pt-en", "apertium:spa-eng", "llm:NAME", "openai:URL#MODEL": as it is asked for.
  Language from, to;                 ///< "mul" for one that is told at each text, or where nobody says what it serves.
  std::string source;                ///< Model, table or mode: a name or file, for people.
  std::vector<Language> among = {};  ///< Of a model that translates between any two of these. `from` is "mul" then.

  /// Any pair goes: a language model, an endpoint, a model that does not say what it translates.
  bool any_pair() const { return from.tag() == "mul"; }
};

/// How well a route did on sentences whose translation is known (evaluate_translator()).
struct TranslationQuality {
  std::string route;  ///< TranslationRoute::name().
  Language from, to;
  double chrf = 0, bleu = 0;  ///< In [0, 100].
  std::uint64_t sentences = 0;
  double sentences_per_second = 0;
  std::string stamp = {};   ///< Translator::stamp() of what was measured.
  std::string source = {};  ///< Where the sentences come from.
};

/// A way from a language to another: one step, or two over a third language.
struct TranslationRoute {
  std::vector<TranslationStep> steps;
  std::optional<TranslationQuality> measured;  ///< On this very pair.
  /// What routes are chosen by, in chrF: measured, else what the kind of provider is assumed to reach; of two steps
  /// that were not measured together, the product of both as shares.
  double expected_chrf = 0;

  /// "apertium:spa-eng", "marian:marian-pt-en>apertium:eng-spa".
  std::string name() const;
};

struct TranslatorRegistryOptions {
  std::filesystem::path models = {};               ///< Where models lie; empty: the default models folder.
  std::vector<std::filesystem::path> tables = {};  ///< As TableSet; empty: those that are installed.
  /// The only providers to consider: kinds ("apertium"), or one of a kind ("marian:marian-pt-en", "llm:NAME",
  /// "libretranslate:http://127.0.0.1:5000", "openai:https://host/v1#MODEL"). Empty: all that are installed on this
  /// machine, and those that DRAGOMAN_TRANSLATORS names, with commas between them. A language model or an endpoint is
  /// never taken unless it is named.
  std::vector<std::string> providers = {};
  std::string analyzer = std::string(Analyzer::kDefaultName);  ///< What made the tables' words.
  std::size_t threads = 0;                                     ///< 0: all processors.
  std::filesystem::path cache = {};                            ///< Of translations, as EncoderOptions; empty: none.
  std::uint64_t cache_bytes = 0;
  MarianOptions marian = {};  ///< Threads are those above.
  ApertiumOptions apertium = {};
};

/// Which providers serve which pair, how well, and by which route (docs/decisions/translation-providers.md). Measured
/// qualities lie beside the tables, in quality.json. Thread-safe but for keep_quality().
class TranslatorRegistry {
 public:
  /// Looks at what is there; opens nothing but tables.
  /// @throws InvalidArgument for a provider that cannot be, NotFound for one that is named and not there, InvalidData
  ///         for a damaged table or quality file.
  explicit TranslatorRegistry(TranslatorRegistryOptions options);
  ~TranslatorRegistry();

  /// Each provider with each pair it serves, by pair and expected quality.
  std::vector<TranslationStep> steps() const;

  /// The ways between two languages, the best first: direct ones, then those over a third language, by expected chrF
  /// and name. Tables and providers of any pair are not pivoted. Empty if there is none.
  std::vector<TranslationRoute> routes(const Language& from, const Language& to) const;

  /// The best of them, opened, with its cache. @throws NotFound naming what to install; InvalidArgument if both are one
  /// language; all else as the provider does.
  std::unique_ptr<CachedTranslator> open(const Language& from, const Language& to) const;
  /// Any of them.
  std::unique_ptr<CachedTranslator> open(const TranslationRoute& route, const Language& from, const Language& to) const;

  /// The same without a cache, for measuring.
  std::unique_ptr<Translator> open_uncached(const TranslationRoute& route, const Language& from,
                                            const Language& to) const;

  /// Measured qualities, by pair and route.
  const std::vector<TranslationQuality>& qualities() const { return qualities_; }
  /// Writes one down, in the place of an older one of the same route and pair. @throws Unavailable.
  void keep_quality(const TranslationQuality& quality);

  const TableSet& tables() const { return *tables_; }

 private:
  void consider(std::string_view provider);
  void consider_kind(ProviderKind kind);
  double expected(const TranslationStep& step, const Language& from, const Language& to) const;
  const TranslationQuality* measured(std::string_view route, const Language& from, const Language& to) const;
  std::unique_ptr<Translator> open_step(const TranslationStep& step, const Language& from, const Language& to) const;
  std::string remedy(const Language& from, const Language& to) const;

  TranslatorRegistryOptions options_;
  ModelStore store_;
  std::shared_ptr<const TableSet> tables_;
  std::vector<ApertiumMode> modes_;
  std::vector<TranslationStep> steps_;
  std::vector<TranslationQuality> qualities_;
};

/// Two translators one behind the other. What the first has no translation for has none.
std::unique_ptr<Translator> make_pivot_translator(std::unique_ptr<Translator> first, std::unique_ptr<Translator> second,
                                                  const Language& over);

}  // namespace dragoman
