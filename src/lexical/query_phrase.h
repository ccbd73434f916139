#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/lexical/phrase.h"
#include "lexical/block.h"
#include "lexical/phrase_matcher.h"

namespace dragoman {

/// A word of the query, with what the index has of it.
struct QueryWord {
  std::vector<PostingList> lists;  ///< By part.
  std::vector<double> weights;  ///< By group: times in the query, times idf; 0 where the group lacks it. One if pooled.
  std::size_t groups_with = 0;  ///< Groups that have it.
  std::vector<double> inverses = {};  ///< By group: 1 / (mu * p), for query likelihood.
  std::uint32_t most_frequency = 1;   ///< Of any live posting, for query likelihood.
};

/// A phrase of the query, with what the index has of its words.
class QueryPhrase {
 public:
  /// What the index has of different words, in ascending order.
  using LookUp = std::function<std::vector<QueryWord>(std::span<const std::string_view>)>;

  /// `phrase` must outlive this.
  QueryPhrase(const Phrase& phrase, const LookUp& look_up);

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
