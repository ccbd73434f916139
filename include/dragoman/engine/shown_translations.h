#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/engine/engine.h"

namespace dragoman {

/// How passages in other languages than the question's are shown.
enum class ShowPassages {
  original,
  translated,  ///< As a whole, by the best route.
  glossed,     ///< Word by word: behind each word that a table knows its most probable translation, in brackets.
};
/// "original", "translated", "glossed". @throws InvalidArgument naming them.
ShowPassages parse_show_passages(std::string_view name);

/// A passage for readers of another language. It is never to be shown without who made it.
struct ShownPassage {
  std::string text;
  Language language;      ///< That it is in, or that its glosses are in.
  std::string provider;   ///< Route, "apertium:spa-eng"; of glosses the table, "lexicon:es-en".
  std::int64_t made = 0;  ///< Seconds since 1970, UTC; 0 for glosses.
};

/// Makes them. Not thread-safe.
class PassageReader {
 public:
  /// @param tables and translators as SearchOptions. @param analyzer that made the tables' words.
  /// @throws as TranslatorRegistry.
  PassageReader(ShowPassages show, const EngineOptions& options, const SearchOptions& search);
  ~PassageReader();

  /// The passages of a result's hits for who asked in its query's language: one a hit, nothing for those that need none
  /// or that nobody can say. @throws as the provider does.
  std::vector<std::optional<ShownPassage>> read(const SearchResult& result);

  /// What a user should know, a line each: which languages nobody can translate, say.
  std::vector<std::string> notices() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
