#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/collection/document.h"
#include "dragoman/lexical/bm25.h"

namespace dragoman {

class AnalyzedDocuments;

/// Pseudo-relevance feedback by RM3: the best documents of a first search lend the query their most telling words.
struct Rm3Options {
  bool on = false;
  std::size_t documents = 10;  ///< Of the first list, so many are read, > 0.
  std::size_t terms = 10;      ///< Words that they may lend, > 0.
  float query_weight = 0.5f;   ///< Of the query's own words in the new query, in [0, 1]; 1 changes nothing.
};

/// A word of a query, and its share of the query.
struct WordShare {
  std::string word;
  float share = 0;  ///< In (0, 1]; those of one query add up to 1.

  bool operator==(const WordShare&) const = default;
};

/// How often a document has each word that feedback may use.
struct WordCounts {
  std::vector<std::pair<std::string, std::size_t>> words;  ///< By word, bytewise; each once, at least 1.
  std::size_t total = 0;                                   ///< Sum of all.
};

/// A document of the first list.
struct FeedbackDocument {
  std::shared_ptr<const WordCounts> words;
  float score = 0;  ///< Of the first search, > 0.
};

/// The relevance model RM1 (Lavrenko and Croft, "Relevance-Based Language Models", SIGIR 2001), as Anserini estimates
/// it:
///
///     P(w | R) = sum over documents d of  tf(w, d) / words of d  *  score(d) / sum of scores
///
/// cut to its `terms` likeliest words, whose shares are raised to add up to 1. Equally likely ones are taken in
/// ascending order of their bytes. Documents without words add nothing; without any the model is empty.
/// @return by descending share, then by word.
std::vector<WordShare> relevance_model(std::span<const FeedbackDocument> documents, std::size_t terms);

/// RM3 (Abdul-Jaleel et al., "UMass at TREC 2004: Novelty and HARD"): query_weight * P(w | query) + (1 - query_weight)
/// * P(w | R). Words whose share is below 1e-6 are left out.
/// @param query its words, repeated ones as often as it has them; not empty.
/// @return by descending share, then by word.
std::vector<WordShare> interpolate(std::span<const std::string_view> query, std::span<const WordShare> model,
                                   float query_weight);

/// Words of documents that feedback may use, made of their texts when first asked for; those of the documents that were
/// asked for last are kept. Thread-safe.
///
/// As in Anserini, words are left out that more than a tenth of the documents have (of those in the document's own
/// language and script; a region counts for nothing), and words of a single code point, unless that is a Chinese
/// character, a kana or a Hangul syllable. Anserini also leaves out what is not in Latin letters, which is not done.
class FeedbackWords {
 public:
  /// The words of a document as the index has them, repeated ones as often as it has them; none if it is gone.
  using Read = std::function<std::vector<std::string>(DocumentNumber)>;

  /// Different words that are kept of all documents together: some 30 MB.
  static constexpr std::size_t kKeptWords = 500'000;

  /// @param documents all those of the index.
  FeedbackWords(std::shared_ptr<const Bm25Index> index, std::shared_ptr<const AnalyzedDocuments> documents, Read read,
                std::size_t kept_words = kKeptWords);
  ~FeedbackWords();

  /// O(bytes of the document) when it is not kept, and a look into the index for each of its words.
  std::shared_ptr<const WordCounts> of(DocumentNumber document) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What a retriever needs for feedback.
struct Feedback {
  Rm3Options options;
  std::shared_ptr<const FeedbackWords> words;  ///< Null for none, whatever the options say.
};

}  // namespace dragoman
