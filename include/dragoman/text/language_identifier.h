#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/text/language.h"
#include "dragoman/text/passages.h"

namespace dragoman {

struct LanguageIdentifierState;

struct LanguageProbability {
  Language language;
  double probability = 0;  ///< In [0, 1].
};

/// How many documents there are in a language.
struct LanguageShare {
  Language language;
  double documents = 0;  ///< Finite, >= 0.
};

/// What is believed of a text's language.
struct LanguagePosterior {
  /// Most probable first, equal ones by tag; they sum to 1. "und-Latn" stands for any language in that script that the
  /// model does not know. What has less than a thousandth is left out, and its share given to that. Empty for a text
  /// without letters.
  std::vector<LanguageProbability> languages;
  std::string script;     ///< ISO 15924 code of the script that most letters are of; "Jpan", "Kore", "Hani"; or empty.
  bool by_model = false;  ///< False: no model was asked, the script is all that is known.

  /// A language that has more than half of the belief, else "und-Latn" with what the others have together: of a short
  /// text as a rule no language is claimed.
  LanguageGuess guess() const;
  /// The most probable language, be it ever so little; "und" where there are none.
  LanguageGuess best() const;
};

/// What is known of a query before it is read.
struct LanguagePrior {
  /// Languages of a collection. May be empty.
  std::vector<LanguageShare> shares;
  /// The words of a query, a row each: how many documents of each language in `shares`, in their order, have the word.
  /// None if no such thing is known. May be called from many threads.
  std::function<std::vector<std::vector<double>>(std::string_view query)> document_frequencies;
  /// Nothing else is possible, whatever text and script say. Empty: anything is.
  std::vector<Language> allowed;
};

/// A part of a text that is in one language and one script.
struct LanguageSpan {
  TextRange range;
  Language language;
  std::string script;
  double confidence = 0;  ///< Of the language, in [0, 1].
};

/// Tells languages by a fastText classifier and by script.
///
/// The script decides first, and is never overruled: only languages that are written in the script of most letters can
/// be the answer, and words in other scripts are not shown to the model. A script that one living language dominates
/// gives that language ("th" of Thai), also where the model does not know it. What the model says of the rest is
/// tempered by the length of the text, and a share is kept for languages that it does not know, so that a probability
/// of 0.7 is right seven times out of ten (docs/language-identification.md); a text of three words in Latin letters
/// never has a language with 0.9.
///
/// Without a model only the script is known.
///
/// Thread-safe. The same text gives the same answer everywhere. O(bytes), looks at the first 64 KiB.
class LanguageIdentifier {
 public:
  /// By script alone.
  LanguageIdentifier();
  /// @param model a fastText classifier, .bin or .ftz, whose labels are languages: __label__de, __label__deu_Latn.
  ///        Two- and three-letter labels without a script mean what Wikipedia means by them ("als" is Alemannic).
  /// @throws NotFound; InvalidData if the file is no such model or a label no language.
  explicit LanguageIdentifier(const std::filesystem::path& model);
  /// The same from bytes, which must outlive this. @param place for messages.
  LanguageIdentifier(std::span<const std::byte> model, std::string_view place);
  ~LanguageIdentifier();
  LanguageIdentifier(LanguageIdentifier&&) noexcept;
  LanguageIdentifier& operator=(LanguageIdentifier&&) noexcept;

  bool has_model() const;
  /// "script", or the format and a checksum of the model: two identifiers of one stamp say the same of every text.
  std::string stamp() const;
  /// Languages of the model's labels, by tag. Empty without a model.
  std::vector<Language> known_languages() const;

  LanguagePosterior posterior(std::string_view text) const;

  /// The posterior of a query: as above, times what is known beforehand. A twentieth of the belief goes to the
  /// collection's languages by their shares, the rest is spread evenly over all: one may ask a collection in a language
  /// that it does not hold. A word that documents have speaks for the languages whose documents have it more often, and
  /// a little against languages of no document; a word that none has speaks against all languages of documents.
  /// Languages that the model does not know share what it keeps for unknown ones, so that a collection in such a
  /// language can be asked in it. In Latin letters any allowed language may be meant, for all can be romanised.
  LanguagePosterior posterior(std::string_view query, const LanguagePrior& prior) const;

  /// Splits a text where its language or script changes. First by script; then, within a script of several languages,
  /// by the best path over words (clauses, in Chinese and Japanese), where each change of language costs. Spans follow
  /// one another without gaps and cover the text; what stands between two belongs to the first. A text without letters
  /// gives none. The whole text is read, at about a tenth of the speed of posterior().
  std::vector<LanguageSpan> segment(std::string_view text) const;

  /// What the model itself says, nothing added: label as written, and probability as the original prints it, in the
  /// order of the model. Empty without a model. For comparison with the original.
  std::vector<std::pair<std::string, float>> model_probabilities(std::string_view text) const;

 private:
  friend class LanguageSwitches;

  std::unique_ptr<LanguageIdentifierState> state_;
};

}  // namespace dragoman
