#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/collection/document.h"
#include "dragoman/lexical/document_set.h"
#include "dragoman/lexical/lexical_segment.h"
#include "dragoman/lexical/phrase.h"
#include "dragoman/lexical/word_union.h"
#include "dragoman/text/analyzer.h"

namespace dragoman {

/// Whose document counts and lengths a document is weighed with.
enum class LexicalStatistics {
  per_language,  ///< Those of the documents of its own language.
  pooled,        ///< Those of all documents; gives a rare language a bonus. For comparison.
};

/// How a word's frequency in a document becomes its share of the score.
enum class LexicalWeighting {
  bm25,
  /// Query likelihood with Dirichlet smoothing (Zhai and Lafferty, "A Study of Smoothing Methods for Language Models",
  /// TOIS 2004), in the form of Lucene: max(0, ln(1 + tf / (mu * p)) + ln(mu / (mu + len))) for each word of the query
  /// that the document has, where p = (cf + 1) / (words + 1) is the word's share of all words of its statistics.
  /// Counting cf takes O(postings) for each word of a query.
  dirichlet,
};

/// Which documents a query finds.
enum class LexicalMatch {
  any,  ///< Those that have any of its words.
  all,  ///< Those that have all of them.
};

/// How the best documents are found. The result is the same.
enum class TopKMethod {
  max_score,   ///< Postings that cannot matter are passed over.
  exhaustive,  ///< Every posting is scored. To compare with.
};

/// Whether quotes in a query make phrases that documents must have.
enum class PhraseReading {
  automatic,  ///< If the index has positions.
  on,
  off,  ///< Quotes are text like any other.
};

/// Settings for the documents of one language, in place of the others.
struct LanguageBm25 {
  Language language;  ///< Region and the like count for nothing; the script does.
  float k1 = 0.9f;
  float b = 0.4f;

  bool operator==(const LanguageBm25&) const = default;
};

/// What the words of one field count, in an index of several.
struct FieldBm25 {
  std::string field;
  float weight = 1;             ///< Of an occurrence there; 0 leaves the field out, else from 1e-6 to 1e6.
  std::optional<float> b = {};  ///< Length normalisation in [0, 1]; none: that of the document's language, or of all.

  bool operator==(const FieldBm25&) const = default;
};

struct Bm25Options {
  float k1 = 0.9f;  ///< Term-frequency saturation, finite, >= 0; 0 ignores repetition.
  float b = 0.4f;   ///< Length normalisation in [0, 1]. Both defaults: Trotman et al., OSIR 2012.
  LexicalStatistics statistics = LexicalStatistics::per_language;
  LexicalWeighting weighting = LexicalWeighting::bm25;
  float mu = 1000;  ///< Of dirichlet, finite, > 0: how many words of the collection each document is thought to have.
  std::vector<LanguageBm25> by_language = {};  ///< Of two for the same language the first counts.
  LexicalMatch match = LexicalMatch::any;
  PhraseReading phrases = PhraseReading::automatic;  ///< For retrievers, which read queries as texts.
  /// What nearness of the query's words adds: finite, >= 0; 0 adds nothing. See Bm25Index::search().
  float proximity = 0;
  std::size_t proximity_depth = 100;  ///< Of the best documents, so many are scored by it, > 0.
  TopKMethod method = TopKMethod::max_score;
  std::vector<FieldBm25> fields = {};  ///< Those not named have a weight of 1. Only for an index that has fields.
};

/// A field of documents, such as their titles, with segments of its words alone.
struct LexicalField {
  std::string name;
  std::vector<std::shared_ptr<const LexicalSegment>> segments;  ///< In any order.
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
/// Each word's share is rounded to a multiple of at most 2^-29 of the best score that the query could reach, and is at
/// least one such step: sums do not depend on the order of additions then, and a float shows nothing of it. How
/// documents are cut into segments, how these are ordered, the order of the query's words, and which postings the
/// search passed over do not change a single bit of a score. Thread-safe.
class Bm25Index {
 public:
  /// Segments in any order; their documents must not overlap. O(documents).
  /// @param live the documents that are there, of those in the segments; null: all. Others are never returned, and
  /// count
  ///             nowhere: every score is, to the bit, that of an index which never had them. What the deleted documents
  ///             take of a word's frequency is counted when the word is first looked for.
  /// @throws InvalidData if they do, naming two files.
  explicit Bm25Index(std::vector<std::shared_ptr<const LexicalSegment>> segments,
                     std::shared_ptr<const DocumentSet> live = nullptr);

  /// BM25F (Robertson, Zaragoza and Taylor, "Simple BM25 Extension to Multiple Weighted Fields", CIKM 2004; with length
  /// normalisation by field as in Zaragoza et al., "Microsoft Cambridge at TREC-13", 2004) over documents of several
  /// fields. A word's frequencies in all fields are added before they saturate, once:
  ///
  ///     x(t, d)     = sum over fields f of  weight_f * tf_f / (1 - b_f + b_f * len_f / avg_f)
  ///     score(q, d) = sum over t in q of  ln(1 + (N - df + 0.5) / (df + 0.5)) * x / (x + k1)
  ///
  /// So a second occurrence in another field says no more than one in the same, which a sum of BM25 by field would not
  /// give. len_f is the field's length and avg_f its mean over documents that have words there; N and df count
  /// documents with any words, and with the word in any field that is not left out; all by language and script as
  /// above. With one field of weight 1 this is the formula above. The paper of CIKM 2004 has one b for the document, of
  /// length sum of weight_f * len_f; so has Lucene's CombinedFieldQuery, which also takes for df the highest of any
  /// field, where it is counted here.
  ///
  /// LexicalWeighting::dirichlet is refused.
  ///
  /// @param fields  at least one; their segments must cover the same documents, one for one, in the same order.
  /// @param live    the documents that are there, of those in the segments; null: all. Others are never returned and
  ///                count nowhere: every score is, to the bit, that of an index which never had them. A search that
  ///                gives `allowed` may name live documents only.
  /// @throws InvalidArgument for two fields of one name, or none. InvalidData if segments do not agree.
  static Bm25Index of_fields(std::vector<LexicalField> fields, std::shared_ptr<const DocumentSet> live = nullptr);

  ~Bm25Index();
  Bm25Index(Bm25Index&&) noexcept;
  Bm25Index& operator=(Bm25Index&&) noexcept;

  /// The best documents that share a word with the query (or have all of its words, if the options say so).
  ///
  /// @param depth    at most so many.
  /// @param allowed  by document number, 0 for documents to leave out; numbers beyond its end are left out as well.
  ///                 Empty: all live documents. It does not touch the statistics. It may name live documents only.
  /// @return By descending score, all above 0. Equal scores are in ascending order of document number, also where
  ///         `depth` cuts through them.
  /// @throws InvalidArgument if a k1 or b, or mu, is out of range.
  ///
  /// O(postings of the query's words + matches) time at worst, and much less where words differ in weight: see
  /// docs/decisions/lexical-engine.md. O(depth + words * languages + postings / 128) memory. The first search with
  /// other k1, b or statistics than the last few takes O(documents) more, and keeps 4 bytes for each.
  std::vector<ScoredDocument> search(std::span<const Token> query, std::size_t depth, const Bm25Options& options = {},
                                     std::span<const std::uint8_t> allowed = {}) const;

  /// Of documents with all of the phrases, the best ones. Words are scored as above, or not at all; give those of the
  /// phrases among them.
  ///
  /// A phrase adds what a word would that the document has as often as the phrase, and that is in as many documents as
  /// the rarest word of the phrase (of the form whose rarest word is the most frequent one, if it has several):
  ///
  ///     max over forms f of  min over t in f of  df(t)     for df, and its own frequency for tf
  ///
  /// The number of documents that have the phrase itself would cost reading all of them. One of a single word in each
  /// form adds nothing: it is that word, and required. Documents are found by the rarest word of each form, blocks of
  /// which that cannot reach the list are passed over, and positions are read last, of documents that could reach it.
  ///
  /// With `proximity` above 0, of the best `proximity_depth` documents each gets
  ///
  ///     proximity * sum over t in q of  min(1, idf(t)) * acc(t) / (acc(t) + k1 * (1 - b + b * len / avg))
  ///
  /// more, where two different words of the query that stand at distance n in the document, none of the query's between
  /// them, add idf(other) / n^2 to the acc of each (Büttcher, Clarke and Lushman, "Term Proximity Scoring for Ad-Hoc
  /// Retrieval on Very Large Text Collections", SIGIR 2006, without the constant factor k1 + 1). Words at one position,
  /// as n-grams are, are not near but the same.
  ///
  /// @throws NotFound if phrases of more than a word, or proximity, are asked of segments without positions;
  ///         InvalidArgument as above, for a proximity_depth of 0, or proximity with another weighting than bm25.
  std::vector<ScoredDocument> search(std::span<const std::string_view> words, std::span<const Phrase> phrases,
                                     std::size_t depth, const Bm25Options& options, const DocumentSet* allowed) const;

  /// The same for words that count in the query as often as their weights say, which need not be whole: a weight of 2
  /// is that of a word which the query has twice. Weights of the same word are added. Every weight of 1 gives what
  /// search() gives, to the bit. Phrases and their words weigh as there; proximity does not look at weights.
  /// @throws InvalidArgument also for weights that are out of range (WeightedWord).
  std::vector<ScoredDocument> search_weighted(std::span<const WeightedWord> words, std::span<const Phrase> phrases,
                                              std::size_t depth, const Bm25Options& options,
                                              const DocumentSet* allowed) const;

  /// Whether all segments have positions. An index of fields has none.
  bool has_positions() const;

  /// The same with a set, for callers that keep one, and with the words alone. `allowed` null: all live
  /// documents.
  std::vector<ScoredDocument> search(std::span<const Token> query, std::size_t depth, const Bm25Options& options,
                                     const DocumentSet* allowed) const;
  std::vector<ScoredDocument> search(std::span<const std::string_view> words, std::size_t depth,
                                     const Bm25Options& options, const DocumentSet* allowed) const;

  /// The same for weighted unions of words, each scored as one word of frequency sum of weight * tf. `options` as
  /// above, but for dirichlet. Bounds and rounding are those of words. One union of one word of weight 1 is scored as
  /// the word would be, but for the last bits: frequencies are divided by lengths before they are added.
  /// @throws InvalidArgument also for weights that are out of range. The first search of this kind in an index without
  /// fields takes O(documents) and keeps 6 bytes for each.
  std::vector<ScoredDocument> search(std::span<const WordUnion> query, std::size_t depth, const Bm25Options& options,
                                     const DocumentSet* allowed) const;

  /// Names of the fields, in their order; none in an index without.
  std::span<const std::string> fields() const;

  /// What search() would give to a document in `language`, of average length, that has each word of the query once: by
  /// this, scores of different queries can be compared. A word that no document has counts as the rarest there could
  /// be. By the statistics of all documents if there are none in that language, or the options say so; 0 without words,
  /// and in an index of fields, where it depends on which field has them.
  /// For dirichlet, with documents that have a word in the place of its occurrences, and without length.
  /// O(postings of the query's words) at worst.
  double full_score(std::span<const Token> query, const Bm25Options& options, const Language& language) const;

  /// How many live documents of each of these languages have a word, in their order. A language counts as its tag says.
  /// O(postings of the word).
  std::vector<double> document_frequencies(std::string_view word, std::span<const Language> languages) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
