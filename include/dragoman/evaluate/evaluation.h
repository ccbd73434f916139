#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "dragoman/evaluate/judgements.h"
#include "dragoman/evaluate/measures.h"
#include "dragoman/evaluate/run_file.h"
#include "dragoman/text/language.h"

namespace dragoman {

enum class QuerySet {
  all_judged,            ///< Every query with judgements; one that the run lacks counts 0 (trec_eval -c, ir_measures).
  judged_and_retrieved,  ///< Only queries that are in both (trec_eval without -c).
};

struct EvaluateOptions {
  /// The default differs from trec_eval's, because a run cannot hold an empty ranking: a query whose language the index
  /// does not know must lower the mean, not leave it.
  QuerySet queries = QuerySet::all_judged;
};

/// Values over a group of queries: one line of a table. They are means but where a measure says otherwise, as counts
/// do.
struct EvaluationRow {
  std::string label;           ///< The group; stated where the row stands.
  std::size_t queries = 0;     ///< How many queries the values are over.
  std::vector<double> values;  ///< One a measure, in the order asked for; NaN where `queries` is 0.
};

struct QueryValues {
  std::string query_id;
  std::vector<double> values;  ///< One a measure, in the order asked for.
};

struct Evaluation {
  std::vector<std::string> measures;  ///< Their names.
  std::vector<QueryValues> queries;   ///< Ascending by the bytes of the id.
  EvaluationRow all;                  ///< Label "all". The plain mean (or sum), as trec_eval computes it.
};

/// How good is the run? Each ranking is taken in the order it has; nothing is sorted here.
///
/// @throws InvalidArgument if there is no query to average over; if the run holds rankings, but of no judged query (ids
///         that do not fit each other); or if a judged document is ranked twice.
///
/// O((hits + judgements) log judgements a query) time, one thread.
Evaluation evaluate(const Judgements& judgements, const Run& run, std::span<const Measure> measures,
                    const EvaluateOptions& options = {});

/// Query or document id -> language. What is missing is "und".
using LanguageOf = std::unordered_map<std::string, Language>;

/// Rows are ascending by language tag.
struct LanguageEvaluation {
  std::vector<std::string> measures;
  EvaluationRow all;                                ///< Label "all": the same as evaluate()'s.
  std::vector<EvaluationRow> by_query_language;     ///< Label "sw": whole rankings of the queries in that language.
  std::vector<EvaluationRow> by_document_language;  ///< Label "en": all queries, documents of that language alone.
  std::vector<EvaluationRow> by_pair;               ///< Label "sw>en": queries in "sw", documents in "en" alone.
  /// Labels "same" and "cross": unweighted means of the rows of by_pair whose primary subtags agree ("zh>zh-Hant" is
  /// same) or differ. Pairs with "und" are in neither. `queries` is the sum over those rows.
  EvaluationRow same, cross;
};

/// How good is the run, for whom, and in which documents?
///
/// "Documents of one language alone" means: they are taken out of each ranking, the others removed and the order kept,
/// and the judgements are those of such documents. Of the queries that `options` choose, all that have a judgement
/// there count, and a miss counts 0. It is what trec_eval -c gives for the run and the judgements cut down to the
/// language. Note that a measure at 10 then looks deeper than the first 10 ranks of the run.
///
/// @throws InvalidArgument as evaluate().
///
/// Time of evaluate(), times at most the number of languages that a query is judged in; one thread.
LanguageEvaluation evaluate_by_language(const Judgements& judgements, const Run& run, std::span<const Measure> measures,
                                        const LanguageOf& query_languages, const LanguageOf& document_languages,
                                        const EvaluateOptions& options = {});

}  // namespace dragoman
