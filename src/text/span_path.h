#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/script.h"
#include "text/fasttext_classifier.h"
#include "text/identifier_state.h"

namespace dragoman {

/// Tells apart the languages of a part of a text that is in one script, word by word (clause by clause, in Chinese and
/// Japanese): the best path over them, where each change of language costs.
class SpanPath {
 public:
  /// Units side by side that are in one language.
  struct Stretch {
    std::size_t first = 0, last = 0;
    Language language;  ///< "und" if nothing speaks for any.
  };

  /// @param state,text,span must outlive this. The span begins and ends between words.
  SpanPath(const LanguageIdentifierState& state, std::string_view text, const ScriptSpan& span);

  /// They follow one another without gaps and are all units. Languages of the model that speak for some of the words
  /// are considered, and `also`, if it is among those of the script.
  std::vector<Stretch> stretches(const Language& also = {}) const;

  /// What units [first, last] say of their language together.
  LanguageEvidence evidence_of(std::size_t first, std::size_t last) const;
  TextRange range_of(std::size_t first, std::size_t last) const {
    return {units_[first].range.begin, units_[last].range.end};
  }

 private:
  /// What one language is told of.
  struct Unit {
    TextRange range;
    std::string script;
    std::size_t letters = 0;
    FasttextSum sum;
  };

  std::vector<Language> candidates(const Language& also) const;
  std::vector<std::size_t> best_path(const std::vector<Language>& languages) const;

  const LanguageIdentifierState& state_;
  const ScriptSpan& span_;
  std::vector<Unit> units_;
};

/// Are words of a script told apart by spaces?
bool is_spaced(std::string_view script);

/// Ends of units of a text, ascending: behind the white space after a word, or behind a clause where words are not
/// spaced.
std::vector<std::size_t> language_unit_ends(std::string_view text, bool spaced);

}  // namespace dragoman
