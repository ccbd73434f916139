#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "dragoman/base/error.h"
#include "dragoman/translate/translation_table.h"

namespace dragoman {

void prune(TableContent& content, const PruneOptions& options) {
  if (!(options.cumulative > 0 && options.cumulative <= 1)) {
    throw InvalidArgument(fmt::format("cumulative is {}, must be above 0 and at most 1", options.cumulative));
  }
  if (options.most == 0) throw InvalidArgument("most translations is 0, must be at least 1");
  if (!(options.least >= 0 && options.least < 1)) {
    throw InvalidArgument(fmt::format("least probability is {}, must be in [0, 1)", options.least));
  }
  for (auto& row : content.rows) {
    std::ranges::sort(row, [&](const TableContent::Cell& a, const TableContent::Cell& b) {
      return a.weight != b.weight ? a.weight > b.weight
                                  : content.targets[a.target].word < content.targets[b.target].word;
    });
    double all = 0, kept = 0;
    for (const TableContent::Cell& cell : row) all += cell.weight;
    std::size_t size = 0;
    while (size < row.size() && size < options.most &&
           (size == 0 || kept < static_cast<double>(options.cumulative) * all) &&
           (size == 0 || row[size].weight >= static_cast<double>(options.least) * all)) {
      kept += row[size++].weight;
    }
    row.resize(size);
    for (TableContent::Cell& cell : row) cell.weight /= kept;
  }
}

TableContent interpolate(const TableContent& first, const TableContent& second, double share) {
  if (!(share >= 0 && share <= 1)) throw InvalidArgument(fmt::format("share is {}, must be in [0, 1]", share));
  TableContent both;
  both.targets = first.targets;
  std::unordered_map<std::string_view, std::uint32_t> targets;
  for (std::uint32_t i = 0; i < first.targets.size(); ++i) targets.emplace(first.targets[i].word, i);
  std::vector<std::uint32_t> number_of;  // Of second's targets.
  for (const TableWord& word : second.targets) {
    const auto [at, is_new] = targets.emplace(word.word, static_cast<std::uint32_t>(both.targets.size()));
    if (is_new) both.targets.push_back(word);
    number_of.push_back(at->second);
  }
  std::unordered_map<std::string_view, std::size_t> in_second;
  for (std::size_t i = 0; i < second.sources.size(); ++i) {
    if (!second.rows[i].empty()) in_second.emplace(second.sources[i].word, i);
  }
  const auto renumbered = [&](const std::vector<TableContent::Cell>& row) {
    std::vector<TableContent::Cell> cells = row;
    for (TableContent::Cell& cell : cells) cell.target = number_of[cell.target];
    return cells;
  };
  for (std::size_t i = 0; i < first.sources.size(); ++i) {
    both.sources.push_back(first.sources[i]);
    const auto found = in_second.find(first.sources[i].word);
    if (found == in_second.end()) {
      both.rows.push_back(first.rows[i]);
      continue;
    }
    const auto other = renumbered(second.rows[found->second]);
    in_second.erase(found);
    if (first.rows[i].empty()) {
      both.rows.push_back(other);
      continue;
    }
    std::map<std::uint32_t, double> sums;
    for (const TableContent::Cell& cell : first.rows[i]) sums[cell.target] += share * cell.weight;
    for (const TableContent::Cell& cell : other) sums[cell.target] += (1 - share) * cell.weight;
    auto& row = both.rows.emplace_back();
    for (const auto& [target, weight] : sums) {
      if (weight > 0) row.push_back({target, weight});
    }
  }
  for (std::size_t i = 0; i < second.sources.size(); ++i) {
    const auto found = in_second.find(second.sources[i].word);
    if (found == in_second.end() || found->second != i) continue;
    both.sources.push_back(second.sources[i]);
    both.rows.push_back(renumbered(second.rows[i]));
  }
  return both;
}

}  // namespace dragoman
