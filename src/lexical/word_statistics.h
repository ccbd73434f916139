#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/lexical/bm25.h"
#include "dragoman/lexical/word_union.h"
#include "lexical/block.h"
#include "lexical/length_norms.h"

namespace dragoman {

/// A word of the query, with what the index has of it.
struct QueryWord {
  std::vector<PostingList> lists;  ///< By part.
  std::vector<double> weights;  ///< By group: times in the query, times idf; 0 where the group lacks it. One if pooled.
  std::size_t groups_with = 0;  ///< Groups that have it.
  std::vector<double> inverses = {};  ///< By group: 1 / (mu * p), for query likelihood.
  std::uint32_t most_frequency = 1;   ///< Of any live posting, for query likelihood.

  /// Does no live document have it?
  bool is_unknown() const { return weights.size() == 1 && weights[0] == 0; }
  double most_weight() const;
  /// What it adds to a score at most.
  double most_score() const;
  /// What its list in a part says of languages; nothing for a phrase, which has no lists.
  std::span<const LanguageCount> languages_in(std::size_t part) const;
};

/// The live documents of an index of words, and what those of a query weigh by them. Thread-safe.
class WordStatistics {
 public:
  /// As the constructor of Bm25Index.
  WordStatistics(std::vector<std::shared_ptr<const LexicalSegment>> segments, std::shared_ptr<const DocumentSet> live);

  std::span<const LexicalPart> parts() const { return parts_; }             ///< In the order of their documents.
  std::span<const DocumentGroup> groups() const { return groups_; }         ///< One for each language and script.
  const DocumentGroup& pool() const { return pool_; }                       ///< All of them.
  const std::shared_ptr<const DocumentSet>& live() const { return live_; }  ///< Null for all.

  /// The different words of a query, ascending; one that comes twice counts with the sum of its weights.
  std::vector<QueryWord> look_up(std::span<const WeightedWord> query, const Bm25Options& options) const;
  /// The same for words that count once each.
  std::vector<QueryWord> look_up(std::span<const std::string_view> query, const Bm25Options& options) const;

  /// As Bm25Index's functions of these names.
  double full_score(std::span<const Token> query, const Bm25Options& options, const Language& language) const;
  std::vector<double> document_frequencies(std::string_view word, std::span<const Language> languages) const;

 private:
  std::vector<std::int64_t> count_by_group(const QueryWord& word) const;
  /// Weights for BM25, of a word that `documents` have and the query has so many times.
  void weigh_by_idf(double times, std::uint64_t documents, LexicalStatistics statistics, QueryWord& word) const;
  /// Weights for query likelihood: times in the query in each group that has the word; fills in its inverses.
  void weigh_by_likelihood(double times, const Bm25Options& options, QueryWord& word) const;

  std::vector<LexicalPart> parts_;
  std::vector<DocumentGroup> groups_;
  DocumentGroup pool_;
  std::shared_ptr<const DocumentSet> live_;
};

}  // namespace dragoman
