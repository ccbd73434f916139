#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/base/file.h"
#include "dragoman/text/language_identifier.h"
#include "text/fasttext_classifier.h"

namespace dragoman {

/// The languages of a model that are written in one script.
struct ScriptCandidates {
  std::vector<Language> languages;     ///< As written in it: "sr-Latn".
  std::vector<std::int32_t> of_label;  ///< By label: an index into `languages`, -1 if it is not written so.
};

/// What a text says of its language, before anything else is known.
struct LanguageEvidence {
  std::vector<Language> languages;
  std::vector<double> log_weights;  ///< By language.
  Language other;                   ///< "und-Latn", or the language that dominates a script no label is written in.
  double log_other = 0;
};

/// Folds case, so that a headline reads like other text. Bytes that are no UTF-8 become U+FFFD.
void fold_word(std::string_view word, std::string& folded);

struct LanguageIdentifierState {
  std::unique_ptr<MappedFile> file;
  std::span<const std::byte> bytes;  ///< Of the model.
  std::optional<FasttextClassifier> classifier;
  std::vector<Language> label_languages;
  std::map<std::string, ScriptCandidates, std::less<>> by_script;

  void read(std::span<const std::byte> model, std::string_view place);

  /// None if no label is written in the script.
  const ScriptCandidates* candidates(std::string_view script) const;

  /// Adds the words that have letters of `script`, case folded.
  void add_text(std::string_view text, std::string_view script, FasttextSum& sum) const;

  /// What the model makes of a sum in which there are `letters` letters of `script`.
  LanguageEvidence evidence(const FasttextSum& sum, std::string_view script, std::size_t letters) const;
  /// The same, where there is no model, or none for the script.
  LanguageEvidence script_evidence(std::string_view script) const;
};

/// Weights as probabilities, best first, small ones left out.
LanguagePosterior posterior_of(const LanguageEvidence& evidence, std::string_view script);

}  // namespace dragoman
