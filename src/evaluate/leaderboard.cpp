#include "dragoman/evaluate/leaderboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <typename T>
void add_once(std::vector<T>& list, const T& value) {
  if (std::ranges::find(list, value) == list.end()) list.push_back(value);
}

std::vector<std::string> main_measures(std::span<const SystemResult> results) {
  std::vector<std::string> measures;
  for (const SystemResult& result : results) add_once(measures, result.main_measure);
  return measures;
}

/// Points on the collection in one column, added to each row.
void add_points(std::vector<LeaderboardRow>& rows, std::size_t column) {
  for (LeaderboardRow& row : rows) {
    for (const LeaderboardRow& other : rows) {
      if (&row == &other || std::isnan(row.values[column])) continue;
      const bool is_better = std::isnan(other.values[column]) || row.values[column] > other.values[column];
      row.borda += is_better ? 1 : row.values[column] == other.values[column] ? 0.5 : 0;
    }
  }
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

LeaderboardTable make_table(std::span<const SystemResult> results, const std::string& measure) {
  LeaderboardTable table{measure, {}, {}};
  std::map<std::string, std::map<std::string, double>> values;  // by system, then collection
  for (const SystemResult& result : results) {
    const auto value = result.values.find(measure);
    if (value == result.values.end()) continue;
    add_once(table.collections, result.collection);
    const auto [known, is_new] = values[result.system].emplace(result.collection, value->second);
    if (!is_new && known->second != value->second) {
      throw InvalidArgument(fmt::format("{} has two values of {} on {}, {} and {}; leave one of the files out",
                                        result.system, measure, result.collection, known->second, value->second));
    }
  }
  if (values.empty()) throw InvalidArgument(fmt::format("no result has the measure {}", measure));

  for (const auto& [system, of_system] : values) {
    LeaderboardRow row{0, system, {}, 0, 0};
    for (const std::string& collection : table.collections) {
      const auto value = of_system.find(collection);
      row.values.push_back(value == of_system.end() ? kNan : value->second);
    }
    row.mean = mean_of(row.values);
    table.rows.push_back(std::move(row));
  }
  for (std::size_t column = 0; column < table.collections.size(); ++column) add_points(table.rows, column);
  std::ranges::stable_sort(table.rows, std::greater<>(), &LeaderboardRow::borda);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const bool is_tied = i > 0 && table.rows[i].borda == table.rows[i - 1].borda;
    table.rows[i].rank = is_tied ? table.rows[i - 1].rank : i + 1;
  }
  return table;
}

}  // namespace

std::vector<LeaderboardTable> make_leaderboard(std::span<const SystemResult> results,
                                               std::span<const std::string> measures) {
  const std::vector<std::string> chosen =
      measures.empty() ? main_measures(results) : std::vector<std::string>(measures.begin(), measures.end());
  std::vector<LeaderboardTable> tables;
  for (const std::string& measure : chosen) tables.push_back(make_table(results, measure));
  return tables;
}

}  // namespace dragoman
