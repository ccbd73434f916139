#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/language.h"

namespace dragoman {

/// Texts in one language said in another. A translator that cannot says so; it never hands the source back in silence.
///
/// Not thread-safe, unless an implementation says otherwise: it may own the state of a model or of a running program.
class Translator {
 public:
  virtual ~Translator() = default;

  /// "lexicon", "apertium", "marian", "llm", "libretranslate", "openai": as in options, records and reports.
  virtual std::string_view name() const = 0;

  /// What made its translations, for caches and records: the hash of a model or lexicon, the version of a program.
  /// Translators with equal stamps give equal translations.
  virtual const std::string& stamp() const = 0;

  /// A region or script that `from` or `to` names beyond what the translator knows does not matter ("pt-BR" is served
  /// by a model for "pt"), unless the translator tells the two apart.
  virtual bool serves(const Language& from, const Language& to) const = 0;

  /// One answer a text, in their order: the translation, or nothing where there is none for this text (a lexicon that
  /// knows none of its words). Line breaks of a text stay where they are. An empty text is its own translation.
  /// Deterministic for local translators.
  /// @param texts UTF-8, of any length: splitting what is too long for the model is the translator's own business.
  /// @throws InvalidArgument if it does not serve the pair, Unavailable if an endpoint or program does not answer.
  virtual std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                            const Language& to) = 0;

  /// How many texts a caller should hand over at a time who keeps what comes back: as many as the translator gains by,
  /// and no more, since whatever interrupts a call costs all of its texts.
  virtual std::size_t batch_texts() const { return 1024; }

  /// What a user should know although the work goes on, a line each: a program that had to be started again, say.
  virtual std::vector<std::string> notices() const { return {}; }
};

/// @throws InvalidArgument if the translator does not serve the pair, with both languages and the translator's name.
void require_pair(const Translator& translator, const Language& from, const Language& to);

}  // namespace dragoman
