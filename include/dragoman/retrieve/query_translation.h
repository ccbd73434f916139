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
  std::string by;  ///< "lexicon", "learned", "combined": the kind of table.
  std::vector<TranslatedWord> words;
};

}  // namespace dragoman
