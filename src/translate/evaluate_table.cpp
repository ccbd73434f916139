#include "dragoman/translate/evaluate_table.h"

#include <algorithm>
#include <map>
#include <set>

#include "dragoman/translate/parallel_text.h"
#include "translate/bitext.h"

namespace dragoman {
namespace {

/// Is it one word, as written: one token, or a run of pairs of characters that hold on to one another?
bool is_one_word(std::span<const Token> tokens) {
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].begin >= tokens[i - 1].end) return false;
  }
  return !tokens.empty();
}

}  // namespace

TableScore evaluate_table(const TranslationTable& table, std::span<const std::string> lexicons,
                          const Analyzer& analyzer) {
  table.require_analyzer(analyzer.version());
  const Language &from = table.info().from, &to = table.info().to;
  std::map<std::string, std::set<std::string>> right;
  for (const std::string& place : lexicons) {
    read_parallel_text(place, from, to, [&](const TextPair& pair) {
      const auto source = without_parts(analyzer.analyze(pair.source, from));
      const auto target = without_parts(analyzer.analyze(pair.target, to));
      if (source.size() != 1 || !is_one_word(target)) return;
      for (const Token& word : target) right[source[0].text].insert(word.text);
    });
  }
  TableScore score;
  score.lexicon_words = right.size();
  for (const auto& [word, translations] : right) {
    const auto found = table.find(word);
    if (found.empty()) continue;
    ++score.known;
    const auto best = std::ranges::find_if(found, [&](const TableTranslation& translation) {
      return translations.contains(std::string(translation.word));
    });
    if (best == found.end()) continue;
    const auto rank = static_cast<double>(best - found.begin() + 1);
    score.precision_at_1 += rank == 1 ? 1 : 0;
    score.mean_reciprocal_rank += 1 / rank;
  }
  if (score.known > 0) {
    score.precision_at_1 /= static_cast<double>(score.known);
    score.mean_reciprocal_rank /= static_cast<double>(score.known);
  }
  return score;
}

}  // namespace dragoman
