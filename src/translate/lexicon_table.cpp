#include "translate/lexicon_table.h"

#include <algorithm>

namespace dragoman {

void LexiconTable::add(std::span<const Token> source, std::string_view source_text, std::span<const Token> target,
                       std::string_view target_text, std::optional<double> weight) {
  const auto sources = source_words_.add(source, source_text);
  const auto targets = target_words_.add(target, target_text);
  const double counts = weights_ == LexiconWeights::uniform ? 1 : weight.value_or(1);
  forward_.resize(source_words_.size());
  backward_.resize(target_words_.size());
  count(forward_, sources, targets, counts);
  count(backward_, targets, sources, counts);
}

void LexiconTable::count(std::vector<Row>& rows, std::span<const std::uint32_t> from, std::span<const std::uint32_t> to,
                         double weight) {
  const double share = weight / static_cast<double>(to.size());
  for (const std::uint32_t word : from) {
    auto& cells = from.size() == 1 ? rows[word].alone : rows[word].among_others;
    for (const std::uint32_t translation : to) cells[translation] += share;
  }
}

TableContent LexiconTable::content(const std::vector<Row>& rows, const Vocabulary& sources, const Vocabulary& targets) {
  TableContent content{.sources = sources.table_words(), .targets = targets.table_words(), .rows = {}};
  for (const Row& row : rows) {
    auto& cells = content.rows.emplace_back();
    for (const auto& [target, weight] : row.alone.empty() ? row.among_others : row.alone) {
      cells.push_back({target, weight});
    }
    std::ranges::sort(cells, {}, &TableContent::Cell::target);
  }
  return content;
}

}  // namespace dragoman
