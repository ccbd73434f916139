#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "dragoman/text/language.h"
#include "text/analysis/folding.h"

namespace dragoman {

/// What makes one of the forms of a word.
enum class Stemming {
  none,
  snowball,
  truncate,  ///< The first letters.
  ngrams,    ///< Neighbouring letters, every group of them.
};

/// How words of some languages are analysed: a row of the table in language_rules.cpp.
struct LanguageRules {
  std::string_view languages;  ///< Primary subtags, or tags with a script, between spaces; the first names the rules.
  Fold folds = Fold::basic;
  Stemming stemming = Stemming::none;
  std::string_view algorithm = {};       ///< Of Snowball.
  std::size_t letters = 0;               ///< Of truncation and n-grams.
  bool remove_marks = false;             ///< Latin and Greek letters lose their marks, after stemming.
  bool dotless_i = false;                ///< ı becomes i, after stemming.
  bool drop_single_kana = false;         ///< A single hiragana is no word.
  std::string_view question_words = {};  ///< As people write them, between spaces; queries go without.
  std::string_view reason = {};          ///< Why, and the measured gain.

  std::string_view name() const { return languages.substr(0, languages.find(' ')); }
};

/// All rules; the first is for languages that no other row names.
std::span<const LanguageRules> all_language_rules();

/// Index into all_language_rules().
std::size_t language_rules_of(const Language& language);

}  // namespace dragoman
