#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/experiment/experiment.h"

namespace dragoman {

struct GridOptions {
  std::filesystem::path output;  ///< Folder of the results; made if there is none.
  std::filesystem::path models;  ///< Where models lie; empty: the default models folder.
  std::size_t threads = 0;       ///< Processors to use; 0 for all.
  /// Where encodings are kept, as in EncoderOptions. Empty, the default: nowhere. What comes from a cache costs next to
  /// nothing, so the costs that are measured with one say what this grid cost today, not what the pipeline costs.
  std::filesystem::path cache = {};
  std::uint64_t cache_bytes = 0;  ///< As in EncoderOptions.
};

/// One piece of work. Cells share pieces: one index for all, one first-stage run for many rerankers.
struct PlannedPart {
  std::string kind;          ///< "index", "retrieve", "rerank".
  std::string label;         ///< "xquad", "xquad/hybrid/none", "xquad/hybrid/none/pointwise".
  std::size_t queries = 0;   ///< 0 for an index.
  std::size_t done = 0;      ///< Of them; for an index 1 if it is there.
  std::size_t cells = 0;     ///< How many cells need it.
  double left_cpu_s = 0;     ///< CPU time still to be spent, estimated.
  std::string estimated_by;  ///< "done", "its own answers so far", "like parts measured here", "a rule of thumb".
};

struct GridPlan {
  std::vector<std::string> cells;  ///< Ids, in the order of the grid.
  std::vector<PlannedPart> parts;  ///< In the order in which they are done.
  std::size_t parts_unshared = 0;  ///< How many there would be if cells shared nothing.
  double left_cpu_s = 0;           ///< Sum over the parts.
  double left_wall_s = 0;          ///< On the threads there are.
};

/// What run_grid() would do. Reads topics and judgements, hashes the corpora once (and remembers that in the output
/// folder, if there is one), asks no model anything and writes no results.
/// @throws what read_experiment()'s paths and models give cause for: NotFound, InvalidData.
GridPlan plan_grid(const Experiment& experiment, const GridOptions& options);

struct GridReport {
  std::filesystem::path results;  ///< OUTPUT/results.json, docs/formats/results.md.
  std::filesystem::path page;     ///< OUTPUT/report.html, made from it.
  std::size_t cells = 0;
  std::size_t answers_kept = 0;  ///< Answers of a stage to a query that an earlier call had made.
  std::size_t answers_made = 0;  ///< By this call.
  /// Expected scores that did not come out, a sentence each; empty: the reproduction succeeded.
  std::vector<std::string> failed_expectations;
};

/// Runs every cell of the grid and writes results.json, a TREC run a cell, and the report.
///
/// Every piece of work is known by a hash of all that it depends on: the corpus' bytes, queries, options, models and
/// prompts by their hashes, the version of this program. What a hash says is done is never done again, by whichever
/// experiment asks. Answers are kept query by query, so a call that was killed at any moment is finished by the same
/// call, with the same results as an undisturbed one, costs and times apart.
///
/// First stages run one after another on all threads; rerankers answer as many queries at the same time as there are
/// threads, each with a model of its own, one kind of model after another.
///
/// @throws NotFound, InvalidData (as above, and of index_corpus() and Engine), Unavailable (a full disk, or another
///         process at work in the same folder).
GridReport run_grid(const Experiment& experiment, const GridOptions& options, const ProgressCallback& progress = {});

}  // namespace dragoman
