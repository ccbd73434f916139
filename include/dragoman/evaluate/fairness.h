#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "dragoman/evaluate/evaluation.h"
#include "dragoman/evaluate/significance.h"

namespace dragoman {

/// Which languages a collection and its questions have. Languages are one here when their primary subtags are: a
/// question in "zh" and a document in "zh-Hant" share theirs.
struct LanguagePool {
  LanguageOf query_languages, document_languages;
  /// Query id -> what it asks, the same for the translations of one question. What is missing has no translation.
  std::unordered_map<std::string, std::string> questions;
  /// How many documents the collection has in each language; the fair share of a language is its part of them.
  std::map<Language, std::size_t> documents;
};

/// How many ids are in each language: LanguagePool::documents, where every document is in the map.
std::map<Language, std::size_t> count_languages(const LanguageOf& languages);

/// Query id -> question, for LanguagePool::questions, where ids end in the language they are asked in, behind '-', '_'
/// or
/// '.': "q0345-ru" and "q0345_hin", if these are in Russian and Hindi, both ask "q0345". Other ids are left out.
std::unordered_map<std::string, std::string> questions_by_id(const LanguageOf& query_languages);

struct FairnessOptions {
  std::size_t depth = 10;    ///< Ranks looked at, at least 1, where not said otherwise.
  int rel = 1;               ///< Lowest grade that is relevant, at least 1.
  double persistence = 0.9;  ///< Of rank-biased overlap, in (0, 1): how likely a reader goes on to the next rank.
  ResamplingOptions resampling = {};
};

/// How often relevant documents in other languages than the query's come before all that they should come before. Over
/// the relevant documents in other languages that were judged, a mean for each query, and the mean of those. A relevant
/// document that is not in the ranking came before nothing. After the two degrees of Roy, Constant, Al-Rfou, Barua,
/// Phillips and Yang, "LAReQA: Language-Agnostic Answer Retrieval from a Multilingual Pool", EMNLP 2020, section 2,
/// which they define for all neighbours in an embedding space.
struct Alignment {
  std::size_t queries = 0;  ///< Those with such a document, asked in a language that the collection has.
  double weak = 0;    ///< Before every irrelevant document in ITS OWN language: right within a language. NaN for none.
  double strong = 0;  ///< Before every irrelevant document in the QUERY'S language: no pull of one's own. NaN for none.
};

/// For whom is the run good? Queries and documents in an undetermined language ("und") are asked and listed like those
/// of any other, but "und" is nobody's own language.
struct FairnessReport {
  std::size_t depth = 0;  ///< As in the options.

  /// Document language -> its part of the collection. Adds up to 1.
  std::map<Language, double> fair_exposure;
  /// Query language -> document language -> its share of the exposure in the first `depth` ranks, the mean over
  /// rankings that hold anything. Rank r is exposed by 1 / log2(r + 1), as a reader goes down a list: Singh and
  /// Joachims, "Fairness of Exposure in Rankings", KDD 2018. Adds up to 1 for each query language.
  std::map<Language, std::map<Language, double>> exposure;

  /// How many times its fair share the query's own language takes of the first `depth` hits, by number: 1 is fair, the
  /// number of languages the most in a balanced pool. Mean over the queries whose language the collection has and whose
  /// ranking holds anything; NaN for none.
  double own_language_share = 0;
  std::map<Language, double> own_language_share_of;  ///< The same, by query language.
  /// Is the own language's part of the first `depth` hits another one than its part of the collection? `system` is the
  /// former, `baseline` the latter; one value a question, the mean over its translations, because those depend on each
  /// other. `queries` is 0 where there is none.
  PairedComparison own_language_bias;

  /// How alike are the rankings of one question asked in several languages? Mean over the pairs of its translations,
  /// then over `questions`. NaN for none. Pairs of rankings that both hold nothing are left out.
  std::size_t questions = 0;
  double overlap = 0;  ///< Documents both have in their first `depth`, over the longer one's number, at most `depth`.
  /// The same where earlier ranks weigh more, extrapolated from the first `depth`: Webber, Moffat and Zobel, "A
  /// Similarity Measure for Indefinite Rankings", ACM TOIS 28(4), 2010, equation 32.
  double rank_biased_overlap = 0;

  /// How far apart are the relevant documents that say the same in different languages? Population variance of their
  /// ranks in the whole ranking, where one that is missing stands right behind the last hit; mean over
  /// `rank_variance_queries`, those with relevant documents in at least two languages of which one was found. Of n such
  /// documents in the first n ranks it is (n * n - 1) / 12, the least there is. NaN for none.
  std::size_t rank_variance_queries = 0;
  double rank_variance = 0;

  Alignment alignment;
};

/// @throws InvalidArgument for options out of range, or if the collection has no document.
///
/// O(hits + judgements + pairs of translations * depth) time with ids hashed, and a comparison's resampling; one
/// thread.
FairnessReport fairness(const Judgements& judgements, const Run& run, const LanguagePool& pool,
                        const FairnessOptions& options = {});

/// Re-orders a ranking so that exposure turns towards fair shares. At each rank the language is chosen whose best hit
/// left has the highest
///
///     (1 - dial) * score + dial * (fair share - exposure it got so far / exposure of all ranks down to this one)
///
/// with scores brought to [0, 1] by the ranking's highest and lowest. 0 leaves the ranking as it is; 1 asks nothing but
/// whose turn it is. Hits of one language keep their order. Greedy as DetGreedy is (Geyik, Ambler and Kenthapadi,
/// "Fairness-Aware Ranking in Search & Recommendation Systems", KDD 2019), on exposure as above instead of counts.
///
/// @param fair_exposure  language -> share, as in FairnessReport; shares are scaled to the languages that the ranking
///                       has. A language that is missing here has no claim, and comes when dial and score let it.
/// @return The hits in the new order. Scores belong to ranks: those of `ranking` as they stood, lowered by as little as
///         a float can where two are equal, so that sorting by score changes nothing.
/// @throws InvalidArgument if `dial` is not in [0, 1].
///
/// O(hits * languages) time, thread-safe.
Ranking balance_exposure(const Ranking& ranking, const LanguageOf& document_languages,
                         const std::map<Language, double>& fair_exposure, double dial);

/// Re-orders a ranking so that no language gets less than a share of what would be fair: of the first r hits, each has
/// at least floor(share * fair share * r), as long as it has hits. A rank goes to the language that is furthest below
/// that, and to the best hit left if none is. The DetCons of Geyik et al. (as above) with one lower bound a language.
///
/// @param fair_exposure as balance_exposure() takes it. @return scores as balance_exposure() gives them.
/// @throws InvalidArgument if `share` is not in [0, 1].
///
/// O(hits * languages) time, thread-safe.
Ranking guarantee_exposure(const Ranking& ranking, const LanguageOf& document_languages,
                           const std::map<Language, double>& fair_exposure, double share);

/// What the dial costs: one point of the curve.
struct DialPoint {
  double dial = 0;
  double own_language_share = 0;  ///< As in FairnessReport.
  std::vector<double> values;     ///< Means over the judged queries, one a measure.
};

/// The run turned to each value of the dial, judged.
///
/// @throws InvalidArgument as evaluate(), fairness() and balance_exposure().
std::vector<DialPoint> exposure_curve(const Judgements& judgements, const Run& run, std::span<const Measure> measures,
                                      const LanguagePool& pool, std::span<const double> dials,
                                      const FairnessOptions& options = {},
                                      const EvaluateOptions& evaluate_options = {});

}  // namespace dragoman
