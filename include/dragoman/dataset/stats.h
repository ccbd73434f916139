#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/dataset/dataset_files.h"

namespace dragoman {

/// How a number is distributed. Quantiles are values that occur: the smallest with at least that share at or below it.
struct Distribution {
  std::uint64_t count = 0;
  double mean = 0;  ///< 0 where `count` is.
  std::uint64_t least = 0, median = 0, p95 = 0, most = 0;
};

struct LanguageStats {
  std::uint64_t count = 0;
  std::uint64_t empty = 0;          ///< Without any text.
  Distribution code_points, words;  ///< Of title and text together; words as Analyzer finds them, each position once.
};

struct SplitStats {
  std::uint64_t queries = 0, judgements = 0;
  std::map<std::string, std::uint64_t> queries_by_language;
  std::map<std::string, std::uint64_t> judgements_by_pair;  ///< "sw>en": those above 0, by query and document language.
  std::map<int, std::uint64_t> grades;
  Distribution relevant;  ///< Documents above 0 a judged query.
};

struct DatasetStats {
  std::map<std::string, LanguageStats> documents, queries;  ///< By language tag; "und" if unknown.
  std::map<std::string, SplitStats> splits;
  /// Queries that have a translation among the queries. Known by the member "question", or by an id that ends in
  /// "-LANG": those that share what stands before it are one question.
  std::uint64_t parallel_queries = 0;
  std::uint64_t questions = 0;  ///< Queries, translations of one counted once.
};

/// Counts a collection that dragoman can read; check_dataset() is for the others.
/// @throws NotFound, InvalidData as CorpusReader, read_queries and read_judgements.
/// Memory: 8 bytes a document for its lengths, and its language by id. One thread.
DatasetStats dataset_stats(const DatasetFiles& files, const ProgressCallback& progress = {});

}  // namespace dragoman
