#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "dragoman/evaluate/system_result.h"

namespace dragoman {

/// A system's line.
struct LeaderboardRow {
  std::size_t rank = 0;  ///< From 1, by `borda`; equal ones share the best.
  std::string system;
  std::vector<double> values;  ///< One a collection; NaN where it has no value.
  double mean = 0;             ///< Over all collections; NaN unless it has them all.
  double borda = 0;
};

/// All systems by one measure.
struct LeaderboardTable {
  std::string measure;
  std::vector<std::string> collections;  ///< In the order they came.
  std::vector<LeaderboardRow> rows;      ///< Ascending by rank, equal ones by name.
};

/// Ranks systems over collections by Borda's count: on each collection a system gets a point for every one that it is
/// better than and half a point for every equal one; without a value it gets none. Unlike the mean it does not let the
/// collection with the widest range of values decide. Colombo, Noiry, Irurozki and Clemencon, "What are the best
/// systems? New perspectives on NLP Benchmarking", NeurIPS 2022.
///
/// @param measures  names as in SystemResult; empty: the main measure of each result, in the order they came.
/// @throws InvalidArgument if nothing has one of the measures, naming it, or if a system has two different values on
/// one
///         collection.
std::vector<LeaderboardTable> make_leaderboard(std::span<const SystemResult> results,
                                               std::span<const std::string> measures = {});

}  // namespace dragoman
