#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "dragoman/engine/option_names.h"
#include "dragoman/engine/search_options.h"
#include "dragoman/evaluate/measures.h"
#include "dragoman/text/language.h"

namespace dragoman {

/// Documents, the queries put to them, and what is relevant.
struct ExperimentCollection {
  std::string name;
  std::filesystem::path corpus;                ///< JSON lines (.gz, .zst) or a BEIR folder.
  std::filesystem::path topics;                ///< As read_queries() reads them.
  std::filesystem::path judgements;            ///< As read_judgements() reads them.
  std::vector<Language> languages;             ///< Only documents and queries in one of these; empty: all.
  std::vector<Language> query_languages = {};  ///< Instead of `languages` for queries; empty: those are meant.
  std::vector<std::string> fields = {};        ///< Of the lexical index, as in IndexOptions; empty: none.
  /// So many queries of each language, chosen by the seed, translations of one question together; 0: all.
  std::size_t queries_per_language = 0;
  /// Queries whose ids are the same before the last separator ("q0345-ru") are translations of one question; empty:
  /// there are none.
  std::string question_separator;
};

struct ExperimentRetriever {
  std::string name;
  SearchOptions options;                    ///< Without reranking.
  std::string encoder;                      ///< Model of the dense index.
  std::optional<Precision> precision = {};  ///< In which it multiplies; none: what is best for it here.
};

/// A way over the language border. "none" asks as the query is written.
struct ExperimentTranslation {
  std::string name;
  std::filesystem::path topics;  ///< Translations somebody made: queries with the same ids. Empty for "none".
};

struct ExperimentReranker {
  std::string name;
  std::optional<RerankOptions> options;  ///< Nothing for "none".
  std::string model;
};

/// A score that must come out again. `cell` is its id, `group` "all" or "query_language:sw" and the like.
struct ExpectedScore {
  std::string cell, measure, group = "all";
  double value = 0;
  double tolerance = 0.0005;
};

/// A measure, and how the experiment's author spelled it: that is what the results call it.
struct NamedMeasure {
  std::string name;
  Measure measure;
};

/// A grid: every retriever with every translation and every reranker, on every collection.
struct Experiment {
  std::filesystem::path file;
  std::string name, description;
  std::vector<ExperimentCollection> collections;
  std::vector<ExperimentRetriever> retrievers;
  std::vector<ExperimentTranslation> translations;
  std::vector<ExperimentReranker> rerankers;
  std::vector<NamedMeasure> measures;
  std::string baseline;    ///< "dense/none/none": what the others are compared with.
  std::size_t hits = 100;  ///< Of each query, kept and judged.
  std::uint64_t seed = 1;  ///< Of sampling and of randomisation tests.
  std::size_t fairness_depth = 10;
  std::vector<double> dial = {0, 0.25, 0.5, 0.75, 1};  ///< Where the exposure dial is read.
  std::filesystem::path resource_classes;              ///< Lines of language tag, tab, class; may be empty.
  std::vector<ExpectedScore> expected;
};

/// Reads an experiment file (docs/formats/experiment.md). Nothing but the file is opened.
///
/// Paths are relative to the file's folder; "${NAME}" in one is the environment's, "${NAME:-other}" has a default.
/// Where an option of a retriever or reranker is a list, the entry stands for one of each, named "bm25,k1=0.9".
///
/// @throws NotFound if there is no such file; InvalidData, as `grid.yaml:12: ...`, for what is malformed, unknown, out
///         of range, or named twice.
Experiment read_experiment(const std::filesystem::path& path);

/// "hybrid/none/pointwise", without the collection.
std::string pipeline_name(const ExperimentRetriever& retriever, const ExperimentTranslation& translation,
                          const ExperimentReranker& reranker);

}  // namespace dragoman
