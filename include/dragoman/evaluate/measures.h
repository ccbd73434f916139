#pragma once

#include <cstddef>
#include <limits>
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

struct MeasureSettings {
  std::size_t cutoff = 0;  ///< Ranks that count; 0: all.
  int rel = 1;             ///< Lowest grade that is relevant, at least 1. Graded measures do not ask.
};

/// A measure of one ranking, higher is better. Make one with parse_measure().
struct Measure {
  using Function = double (*)(const GradedRanking&, const MeasureSettings&);

  std::string name;  ///< As ir_measures writes it: "nDCG@10", "AP(rel=2)@100".
  MeasureSettings settings;
  Function function = nullptr;

  /// Equals trec_eval's value for the query where trec_eval has the measure. O(ranks + judgements), thread-safe.
  double compute(const GradedRanking& ranking) const { return function(ranking, settings); }
};

/// Accepts the spellings of ir_measures and of trec_eval, in any case of letters:
///
/// | ir_measures           | trec_eval             | is, with k ranks and R relevant documents             |
/// |-----------------------|-----------------------|-------------------------------------------------------|
/// | `nDCG`, `nDCG@10`     | `ndcg`, `ndcg_cut_10` | DCG / DCG of the best ranking of all judged documents |
/// | `AP`, `AP@100`        | `map`, `map_cut_100`  | sum of the precisions at relevant ranks / R           |
/// | `RR`, `RR@10`         | `recip_rank`          | 1 / rank of the first relevant document               |
/// | `R@100`, `Recall@100` | `recall_100`          | relevant among the first k / R                        |
/// | `P@5`                 | `P_5`                 | relevant among the first k / k, however few there are |
/// | `Success@10`          | `success_10`          | 1 if a relevant document is among the first k         |
///
/// DCG is the sum over ranks of grade / log2(rank + 1), where a negative grade gains 0.
///
/// All are 0 for a query without relevant documents. "(rel=2)" behind a name of the left column, nDCG excepted, sets
/// the lowest relevant grade. MAP and MRR are other names of AP and RR. A cut-off is at least 1.
/// ir_measures computes RR@k, alone among these, with ties by ascending document id; here the ranking's order counts.
///
/// @throws InvalidArgument for anything else, naming what is wrong and what there is.
Measure parse_measure(std::string_view text);

}  // namespace dragoman
