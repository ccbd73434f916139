#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/collection/document.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/text/analyzer.h"

namespace dragoman {

/// Whose document counts and lengths a document is weighed with.
enum class LexicalStatistics {
  per_language,  ///< Those of the documents of its own language.
  pooled,        ///< Those of all documents; gives a rare language a bonus. For comparison.
};

struct Bm25Options {
  float k1 = 0.9f;  ///< Term-frequency saturation, finite, >= 0; 0 ignores repetition.
  float b = 0.4f;   ///< Length normalisation in [0, 1]. Both defaults: Trotman et al., OSIR 2012.
  LexicalStatistics statistics = LexicalStatistics::per_language;
};

/// BM25 over the documents of many lexical segments, in the form of Lucene since version 8 (Robertson and Zaragoza,
/// "The Probabilistic Relevance Framework", 2009, without the constant factor k1 + 1):
///
///     score(q, d) = sum over t in q of  ln(1 + (N - df + 0.5) / (df + 0.5)) * tf / (tf + k1 * (1 - b + b * len / avg))
///
/// tf is how often document d has word t, len how many words it has; N, df and avg (mean of len) are those of the
/// documents that have any words and share the language and script of d, in all segments (a region, as in pt-BR, makes
/// no language of its own). A word that the query has twice counts twice. Lengths are exact, where Lucene rounds them.
///
/// How documents are cut into segments, and the order of the query's words, do not change a single bit of a score.
/// Thread-safe.
class Bm25Index {
 public:
  /// Segments in any order; their documents must not overlap. O(documents).
  /// @throws InvalidData if they do, naming two files.
  explicit Bm25Index(std::vector<std::shared_ptr<const LexicalSegment>> segments);

  /// The best documents that share a word with the query.
  ///
  /// @param depth    at most so many.
  /// @param allowed  by document number, 0 for documents to leave out; numbers beyond its end are left out as well.
  ///                 Empty: all documents. It does not touch the statistics.
  /// @return By descending score, all above 0. Equal scores are in ascending order of document number, also where
  ///         `depth` cuts through them.
  /// @throws InvalidArgument if k1 or b is out of range.
  ///
  /// Exhaustive: O(postings of the query's words + matches * log depth) time, O(depth + words * languages) memory.
  std::vector<ScoredDocument> search(std::span<const Token> query, std::size_t depth, const Bm25Options& options = {},
                                     std::span<const std::uint8_t> allowed = {}) const;

  /// How many documents of each of these languages have a word, in their order. A language counts as its tag says.
  /// O(postings of the word).
  std::vector<double> document_frequencies(std::string_view word, std::span<const Language> languages) const;

 private:
  /// Documents that are weighed together.
  struct Group {
    std::uint64_t documents = 0;  ///< With words.
    std::uint64_t words = 0;
  };
  struct Part {
    std::shared_ptr<const LexicalSegment> segment;
    std::vector<std::uint32_t> groups;  ///< Index into groups_, by language of the segment.
  };
  struct QueryWord;

  std::vector<QueryWord> look_up(std::span<const Token> query, LexicalStatistics statistics) const;

  std::vector<Part> parts_;    // In the order of their documents.
  std::vector<Group> groups_;  // One for each language and script.
  Group pool_;
};

}  // namespace dragoman
