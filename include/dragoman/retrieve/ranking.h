#pragma once

#include <string>
#include <vector>

#include "dragoman/text/language.h"
#include "dragoman/text/passages.h"

namespace dragoman {

struct Query {
  std::string id;
  std::string text;
  Language language;
  bool language_identified = false;  ///< Nobody said the language; it was told from the text.
};

/// One retrieved document.
struct Hit {
  std::string id;   ///< Document id.
  float score = 0;  ///< Higher is better; comparable within one ranking only.
};

/// Hits in a total order: higher score first, equal scores by document id, ascending bytes. No id twice.
using Ranking = std::vector<Hit>;

/// Brings hits into the order of a Ranking. O(n log n).
void sort_ranking(Ranking& ranking);

}  // namespace dragoman
