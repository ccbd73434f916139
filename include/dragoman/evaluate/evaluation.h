#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
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
  std::size_t depth = 0;  ///< Ranks of each ranking that are looked at, the rest being cut off (trec_eval -M); 0: all.
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

/// Language -> the name of its class: "low", "high", or the numbers 0 to 5 of Joshi, Santy, Budhiraja, Bali and
/// Choudhury, "The State and Fate of Linguistic Diversity and Inclusion in the NLP World", ACL 2020. A language that is
/// missing has the class of its primary subtag, or "unknown".
using ResourceClasses = std::map<Language, std::string>;

/// Rows are ascending by language tag, script or class.
struct LanguageEvaluation {
  std::vector<std::string> measures;
  EvaluationRow all;                                ///< Label "all": the same as evaluate()'s.
  std::vector<EvaluationRow> by_query_language;     ///< Label "sw": whole rankings of the queries in that language.
  std::vector<EvaluationRow> by_document_language;  ///< Label "en": all queries, documents of that language alone.
  std::vector<EvaluationRow> by_pair;               ///< Label "sw>en": queries in "sw", documents in "en" alone.
  /// Labels "same" and "cross": unweighted means of the rows of by_pair whose primary subtags agree ("zh>zh-Hant" is
  /// same) or differ. Pairs with "und" are in neither. `queries` is the sum over those rows.
  EvaluationRow same, cross;
  std::vector<EvaluationRow> by_query_script;     ///< Label "Deva": whole rankings; "Zzzz" where the script is unknown.
  std::vector<EvaluationRow> by_document_script;  ///< Label "Deva": all queries, documents in that script alone.
  std::vector<EvaluationRow> by_resource_class;   ///< Label "low": whole rankings, by the query language's class.
};

/// How good is the run, for whom, and in which documents?
///
/// "Documents of one language alone" means: they are taken out of each ranking, the others removed and the order kept,
/// and the judgements are those of such documents. Of the queries that `options` choose, all that have a judgement
/// there count, and a miss counts 0. It is what trec_eval -c gives for the run and the judgements cut down to the
/// language. Note that a measure at 10 then looks deeper than the first 10 ranks of the run. Documents in one script
/// are taken alone in the same way.
///
/// @param resource_classes  empty: there are no rows by class.
/// @throws InvalidArgument as evaluate().
///
/// Time of evaluate(), times at most the number of languages that a query is judged in; one thread.
LanguageEvaluation evaluate_by_language(const Judgements& judgements, const Run& run, std::span<const Measure> measures,
                                        const LanguageOf& query_languages, const LanguageOf& document_languages,
                                        const EvaluateOptions& options = {},
                                        const ResourceClasses& resource_classes = {});

/// The ways in which LanguageEvaluation groups queries.
enum class Grouping { query_language, document_language, pair, query_script, document_script, resource_class };

/// The name of the enumerator: "query_language".
std::string_view to_string(Grouping grouping);

/// A group with the values of its queries, for intervals and comparisons: what a row of LanguageEvaluation is made of.
struct EvaluationGroup {
  std::string label;                 ///< As the row's: "sw", "sw>en".
  std::vector<QueryValues> queries;  ///< Ascending by the bytes of the id.
};

/// The groups of one grouping, in the order of the rows. All else is as for evaluate_by_language().
std::vector<EvaluationGroup> evaluate_groups(const Judgements& judgements, const Run& run,
                                             std::span<const Measure> measures, Grouping grouping,
                                             const LanguageOf& query_languages, const LanguageOf& document_languages,
                                             const EvaluateOptions& options = {},
                                             const ResourceClasses& resource_classes = {});

/// Reads classes of languages, plain or compressed, or "-" for standard input: `tag<TAB>class`, the tag in any spelling
/// that Language::parse takes. Blank lines are skipped.
///
/// @throws NotFound if there is no such file; InvalidData, as `classes.tsv:3: ...`, for a malformed line, ill-formed
///         UTF-8, an unknown tag, or a language that was given another class before.
ResourceClasses read_resource_classes(const std::string& path);

}  // namespace dragoman
