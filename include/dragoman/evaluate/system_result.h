#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dragoman/text/language.h"

namespace dragoman {

/// Name of a measure, as parse_measure() writes it ("nDCG@10"), or as the file has it where that does not know it
/// ("f1") -> its value. What is no number in the file is left out.
using MeasureValues = std::map<std::string, double>;

/// How well each text of one language found its translation among those of another, as MTEB's bitext tasks count it:
/// every text on the other side is the class of one question, and the first hit is what is predicted; precision and F1
/// are means over classes.
struct BitextScores {
  double accuracy = 0, precision = 0, recall = 0, f1 = 0;
};

/// What one system got on one collection.
struct SystemResult {
  std::string system, collection;
  std::string main_measure;                             ///< The one that the file puts first; a key of `values`.
  MeasureValues values;                                 ///< Over all queries.
  std::map<Language, MeasureValues> by_query_language;  ///< Where the file tells.
  std::vector<Language> document_languages;             ///< Ascending, where the file tells.
  std::optional<BitextScores> bitext;                   ///< Where the file has the first hit of every query.
  std::optional<double> seconds;                        ///< What it took for all queries.
};

/// Reads results of experiments, told by their members:
///
/// - `results.json` of a grid (docs/formats/results.md): one result a cell. The system is the cell's way through,
///   "hybrid + pointwise": retrieve, translate and rerank but where nothing is done.
/// - a result of MTEB from version 1.11 on, one task a file, retrieval or bitext. `ndcg_at_10` is nDCG@10, and so with
///   map, mrr, recall, precision and hit_rate. Values are means over the subsets of the split `test`, or of the first
///   split by name. The system is the "name" in `model_meta.json` beside the file, or the folder that MTEB names after
///   the model.
///
/// A folder is searched, with all below it, for files of either kind; its other files are passed over.
///
/// @return In the order of paths, then of files by name, then of cells.
/// @throws NotFound if there is no such path, or a folder holds no results; InvalidData, naming the file, if it is not
///         of either kind or malformed.
std::vector<SystemResult> read_system_results(std::span<const std::filesystem::path> paths);

enum class MtebTask { retrieval, bitext };

/// Writes each result as MTEB would, FOLDER/SYSTEM/no_revision_available/COLLECTION.json, with a `model_meta.json`
/// that names the system. A subset stands for each query language, or "default" for all where results do not tell.
/// There is no revision of a data set and no CO2 in ours; numbers keep all their digits.
///
/// @return The files of results, in order.
/// @throws InvalidArgument if a bitext result lacks the hits that its scores are counted from, or two results have the
///         same file; Unavailable if a file cannot be written.
std::vector<std::filesystem::path> write_mteb_results(std::span<const SystemResult> results, MtebTask task,
                                                      const std::filesystem::path& folder);

}  // namespace dragoman
