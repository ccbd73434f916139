#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/experiment/experiment.h"
#include "dragoman/experiment/grid.h"
#include "experiment/selection.h"

namespace dragoman {

/// A collection on disk with the indexes that its retrievers need.
struct IndexPart {
  std::string key;  ///< Hash of all that the index depends on.
  std::size_t collection = 0;
  std::string encoder;  ///< Empty where no retriever needs one.
  std::optional<Precision> precision = {};
  std::vector<FirstStage> stages;
  bool positions = false;                     ///< Of words in the BM25 index.
  std::vector<Language> translate_to = {};    ///< Documents are translated into.
  std::vector<std::string> translators = {};  ///< By these, as IndexOptions.
  std::filesystem::path folder;               ///< Of the collection.
  std::filesystem::path done;                 ///< A file that says it is finished, and what it cost.
};

/// The answers of a stage to the queries of a selection.
struct AnswerPart {
  std::string key;
  std::string label;
  std::size_t index = 0;                        ///< Into GridParts::indexes.
  const std::vector<Query>* queries = nullptr;  ///< As asked: translated, perhaps.
  SearchOptions options;                        ///< With reranking for a reranker.
  std::optional<std::size_t> first_stage;       ///< Into GridParts::answers; nothing for a first stage itself.
  std::filesystem::path journal;
};

struct Cell {
  std::string id;
  std::size_t collection = 0, retriever = 0, translation = 0, reranker = 0;
  std::size_t first_stage = 0;           ///< Into GridParts::answers.
  std::optional<std::size_t> reranking;  ///< The same; nothing where nothing is reranked.
};

/// The grid taken apart into pieces of work, none of them twice.
struct GridParts {
  std::vector<Selection> selections;  ///< One a collection.
  /// By collection and translation, for translations that somebody made.
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Query>> translated;
  std::vector<IndexPart> indexes;
  std::vector<AnswerPart> answers;  ///< First stages before what reranks them.
  std::vector<Cell> cells;
};

/// The folder for hashes, collections and journals; need not exist.
inline std::filesystem::path work_folder(const GridOptions& options) { return options.output / "work"; }

GridParts take_apart(const Experiment& experiment, const GridOptions& options);

}  // namespace dragoman
