#pragma once

#include <string>
#include <vector>

#include "dragoman/retrieve/feedback.h"
#include "dragoman/text/language.h"

namespace dragoman {

/// What stood for a word of the query.
struct TranslatedWord {
  std::string word;  ///< As the query's language has it.
  /// Words of the other language and what an occurrence of each counts, in descending order. Empty: there is no
  /// translation, and the word is looked for as it is written.
  std::vector<WordShare> translations;
};

/// What a query became for documents in another language.
struct QueryTranslation {
  Language to;
  /// "lexicon", "learned", "combined": the kind of table. Or the route of a translator, "apertium:eng-spa"; with
  /// documents that were translated, what was asked of them: "documents in en".
  std::string by;
  std::vector<TranslatedWord> words;
  std::string text = {};  ///< What a translator said; empty where words were looked up one by one.
};

}  // namespace dragoman
