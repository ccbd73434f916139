#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// What a measure sees of one query.
struct GradedRanking {
  /// Grade of a document that nobody judged. No judgement has it.
  static constexpr int kUnjudged = std::numeric_limits<int>::min();

  std::vector<int> retrieved;  ///< Grades of the ranked documents, best rank first; kUnjudged where there is none.
  std::vector<int> judged;     ///< Every grade given for the query, retrieved or not, descending.
};

/// What a document of grade g gains in a DCG. Below 0 a grade gains 0.
enum class Gain {
  log2,      ///< g, as trec_eval has it.
  exp_log2,  ///< 2^g - 1, as web search has it; "exp-log2" in ir_measures' spelling, which names the discount too.
};

/// Every measure looks at some of these; the rest keep their defaults.
struct MeasureSettings {
  std::size_t cutoff = 0;    ///< Ranks that count; 0: all.
  int rel = 1;               ///< Lowest grade that is relevant, at least 1. Graded measures do not ask.
  bool judged_only = false;  ///< Whether unjudged and negative documents leave the ranking first (trec_eval -J).
  Gain gain = Gain::log2;
  std::map<int, int> gains = {};  ///< nDCG: grade -> what stands in its place, as trec_eval's `ndcg.1=3,2=7`.
  double p = 0.8;                 ///< RBP: how likely a reader goes on to the next rank, in (0, 1).
  double beta = 1;                ///< SetF: how many times recall matters as much as precision, at least 0.
  double recall = 0;              ///< IPrec: share of the relevant documents, in [0, 1].
  double multiple = 1;            ///< Rprec_mult: of the number of relevant documents, above 0.
  bool relative = false;          ///< SetP: whether the best precision possible counts 1.
  int max_rel = 4;                ///< ERR: the highest grade there is, from 1 to 30.
};

/// How the values of many queries become one.
enum class Aggregation {
  mean,
  sum,             ///< Counts.
  geometric_mean,  ///< The value of a query is a logarithm already: exp of the mean.
};

/// A measure of one ranking, higher is better (NumRel and NumQ alone say nothing about the ranking). Make one with
/// parse_measure().
struct Measure {
  using Function = double (*)(const GradedRanking&, const MeasureSettings&);

  std::string name;      ///< As ir_measures writes it: "nDCG@10", "AP(rel=2)@100".
  std::string spelling;  ///< As it was asked for: "ndcg_cut_10".
  MeasureSettings settings;
  Function function = nullptr;
  Aggregation aggregation = Aggregation::mean;

  /// Equals trec_eval's value for the query where trec_eval has the measure. O(ranks + judgements), thread-safe.
  /// @throws InvalidArgument for ERR if a grade is above max_rel.
  double compute(const GradedRanking& ranking) const;

  /// The value over many queries, of the sum of their values; NaN for none.
  double aggregate(double sum, std::size_t queries) const;
};

/// Accepts the spellings of ir_measures and of trec_eval, in any case of letters. With k ranks, R relevant documents,
/// and "relevant" meaning a grade of rel or more:
///
/// | ir_measures                | trec_eval              | is                                                     |
/// |----------------------------|------------------------|--------------------------------------------------------|
/// | `nDCG`, `nDCG@10`          | `ndcg`, `ndcg_cut_10`  | DCG / DCG of the best ranking of all judged documents  |
/// | `nDCG(dcg='exp-log2')@10`  |                        | the same with gain 2^grade - 1 (gdeval)                |
/// | `nDCG(gains={1:3,2:7})@10` |                        | the same with other grades in place of these           |
/// | `ERR@10`                   |                        | expected reciprocal rank of the satisfying document    |
/// | `RBP(p=0.8,rel=1)`         |                        | (1 - p) * sum of p^(rank - 1) at relevant ranks        |
/// | `AP`, `AP@100`             | `map`, `map_cut_100`   | sum of the precisions at relevant ranks / R            |
/// | `infAP`                    | `infAP`                | AP, inferred from the judged part of a pool            |
/// | `Bpref`                    | `bpref`                | relevant documents above judged non-relevant ones      |
/// |                            | `gm_map`, `gm_bpref`   | AP and Bpref, by their geometric mean                  |
/// | `RR`, `RR@10`              | `recip_rank`           | 1 / rank of the first relevant document                |
/// | `R@100`, `Recall@100`      | `recall_100`           | relevant among the first k / R                         |
/// | `P@5`                      | `P_5`                  | relevant among the first k / k, however few there are  |
/// |                            | `relative_P_5`         | relevant among the first k / min(k, R)                 |
/// | `Rprec`                    | `Rprec`                | P@R                                                    |
/// |                            | `Rprec_mult_0.2`       | precision at that multiple of R                        |
/// | `IPrec@0.1`                | `iprec_at_recall_0.10` | best precision at that recall or a higher one          |
/// |                            | `11pt_avg`             | mean of IPrec@0.0, @0.1, ... @1.0                      |
/// | `Success@10`               | `success_10`           | 1 if a relevant document is among the first k          |
/// | `Judged@10`                |                        | judged among the first k / min(k, retrieved)           |
/// | `SetP`, `SetR`             | `set_P`, `set_recall`  | precision and recall of all that was retrieved         |
/// | `SetP(relative=True)`      | `set_relative_P`       | relevant retrieved / min(retrieved, R)                 |
/// | `SetF(beta=2)`             | `set_F_2`              | (beta + 1) * SetP * SetR / (beta * SetP + SetR)        |
/// | `SetAP`                    | `set_map`              | SetP * SetR                                            |
/// |                            | `utility`              | relevant - not relevant, of all retrieved              |
/// | `NumRet`, `NumRet(rel=1)`  | `num_ret`, `num_rel_ret` | retrieved; relevant retrieved (also `NumRelRet`)     |
/// | `NumRel`, `NumQ`           | `num_rel`, `num_q`     | R; 1. Counts are summed over queries, not averaged     |
/// |                            | `num_nonrel_judged_ret`| judged, not relevant, retrieved                        |
///
/// DCG is the sum over ranks of gain / log2(rank + 1), where a negative grade gains 0.
///
/// Ratios are 0 for a query without relevant documents. "(rel=2)" behind a name of the left column sets the lowest
/// relevant grade, where grades as such do not count; "(judged_only=True)" takes unjudged documents out first, where
/// ir_measures has it. MAP, MRR, Precision, RPrec, SetRelP are other names. A cut-off is at least 1. ERR takes grades
/// up to 4, as gdeval, unless "(max_rel=5)" says otherwise. A trec_eval spelling may have '.' in place of the last '_'.
///
/// Where evaluators differ, trec_eval 9.0.8 holds:
/// - ir_measures breaks ties by ascending document id for RR@k and Judged, by the order of the file for RBP; here the
///   ranking's order counts.
/// - It gives NumRel and NumQ as 0 for a query without a ranking; here they do not depend on the ranking.
/// - It rounds ERR and exp-log2 to 5 digits, as gdeval prints them.
/// - RBP there ends after 1,000 ranks; here it does not. Neither divides by what is left.
/// - gm_map and gm_bpref are, for a query, the logarithm of the value, or of 0.00001 if that is higher.
/// - set_F weighs by beta, not by its square; trec_eval 10 rounds the recall points of IPrec in another way.
///
/// @throws InvalidArgument for anything else, naming what is wrong and what there is.
Measure parse_measure(std::string_view text);

/// Several measures, between commas or white space. Besides what parse_measure() takes: trec_eval's lists of parameters
/// (`P.5,10`), its names without one, which stand for its defaults (`recall` is `recall_5`, ... `recall_1000`), and its
/// groups `official`, `set` and `all_trec`. Of the last it leaves out runid, relstring and the experimental G, binG,
/// Rndcg and ndcg_rel. A repeated spelling counts once.
///
/// @throws InvalidArgument as parse_measure(), and if there is no measure.
std::vector<Measure> parse_measures(std::string_view list);

}  // namespace dragoman
