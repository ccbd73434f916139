#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/json.h"

namespace dragoman::reporting {

struct Interval {
  double low, high;
};

/// One group of queries or pairs of one cell. `group` is named as comparisons name it: "all", "query_language:sw".
struct GroupRow {
  std::string group;
  std::size_t queries = 0;
  std::vector<double> values;                      ///< As Results::measures; NaN where there is none.
  std::vector<std::optional<Interval>> intervals;  ///< As Results::measures.
};

struct Cell {
  std::string id, collection, retrieve, translate, rerank;
  std::vector<GroupRow> rows;          ///< "all" first, then as docs/formats/results.md lists the groups.
  std::size_t asked = 0;               ///< Queries that the costs were taken over.
  std::map<std::string, double> cost;  ///< The numbers of cost.total: "cpu_s", "calls", ...

  const GroupRow* row(std::string_view group) const;
  /// "hybrid + pointwise", with the translation between them where there is one.
  std::string label() const;
};

struct Comparison {
  std::string verdict;                    ///< "better", "worse" or "not_distinguishable" from the baseline.
  double difference = 0, p_adjusted = 0;  ///< NaN where there is none.
  std::optional<Interval> interval;
};

/// results.json, read and checked. `json` is the whole of it, and has the types that the format promises, so that
/// those behind it (the page's script above all) need not ask again.
struct Results {
  std::string name, description, baseline;
  std::vector<std::string> measures, collections;
  std::vector<Cell> cells;
  std::map<std::tuple<std::string, std::string, std::string>, Comparison> comparisons;  ///< By cell, measure, group.
  Json json;

  const Comparison* comparison(const std::string& cell, const std::string& measure, const std::string& group) const;
};

/// @throws NotFound, InvalidData.
Results read_results(const std::filesystem::path& path);

}  // namespace dragoman::reporting
