#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "dragoman/evaluate/evaluation.h"
#include "dragoman/evaluate/fairness.h"
#include "dragoman/evaluate/significance.h"
#include "dragoman/experiment/experiment.h"
#include "experiment/journal.h"
#include "experiment/plan.h"

namespace dragoman {

/// A collection as its cells are judged.
struct JudgedCollection {
  Judgements judgements;         ///< Of the queries asked, and of documents that the collection holds.
  std::size_t unanswerable = 0;  ///< Queries asked that have no judged document there; they are not judged.
  LanguagePool pool;
  ResourceClasses classes;  ///< May be empty.
};

/// A cell, answered and judged.
struct JudgedCell {
  const Cell* cell = nullptr;
  Run run;
  Evaluation evaluation;
  std::vector<EvaluationGroup> groups;  ///< As groups_of() gives them.
};

/// The journals of GridParts::answers, in the same order.
using Answers = std::vector<JournalContent>;

/// Ranking of every query out of the cell's last stage.
Run run_of(const Cell& cell, const Answers& answers);

/// The member `effectiveness` (docs/formats/results.md).
OrderedJson effectiveness_json(const JudgedCell& judged, const JudgedCollection& collection,
                               const Experiment& experiment);

/// The member `fairness`.
OrderedJson fairness_json(const JudgedCell& judged, const JudgedCollection& collection, const Experiment& experiment);

/// The member `cost`.
OrderedJson cost_json(const GridParts& parts, const Cell& cell, const Answers& answers);

/// The member `per_query`.
OrderedJson per_query_json(const JudgedCell& judged, const JudgedCollection& collection, const Answers& answers,
                           const Experiment& experiment, std::size_t shown_hits);

/// "all", and the queries of each language ("query_language:sw") and class ("resource_class:low").
std::vector<EvaluationGroup> groups_of(const JudgedCell& judged, const JudgedCollection& collection,
                                       const Experiment& experiment);

/// Measures as the library takes them, without the names that the experiment has for them.
std::vector<Measure> measures_of(const Experiment& experiment);

ResamplingOptions resampling_of(const Experiment& experiment);

}  // namespace dragoman
