#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "dragoman/lexical/phrase.h"
#include "lexical/phrase_matcher.h"
#include "lexical/word_statistics.h"

namespace dragoman {

/// A phrase of the query, with what the index has of its words.
class QueryPhrase {
 public:
  /// `phrase` must outlive this.
  QueryPhrase(const Phrase& phrase, const WordStatistics& statistics, const Bm25Options& options);

  /// Can any segment have it?
  bool is_known() const { return weight_.groups_with > 0; }
  /// Has it a form of several words?
  bool has_several_words() const;

  /// Its weights, of each form the rarest word's, of these the least; no lists. Only groups that have all words of a
  /// form have the phrase.
  const QueryWord& weight() const { return weight_; }

  /// What it is in a part, without a scorer; without forms if it cannot be there.
  PartPhrase in_part(std::size_t part) const;

 private:
  const QueryWord& word(std::string_view text) const;
  std::vector<double> weigh(std::vector<double> QueryWord::*values) const;

  const Phrase& phrase_;
  std::vector<std::string_view> texts_;  // Ascending.
  std::vector<QueryWord> words_;
  QueryWord weight_;
};

}  // namespace dragoman
