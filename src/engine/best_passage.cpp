#include "engine/best_passage.h"

#include <algorithm>
#include <set>

#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

// About what an encoder with 512 tokens reads at once.
constexpr std::size_t kPassageCodePoints = 1500;

}  // namespace

TextRange best_passage(std::string_view text, const Language& language, std::span<const std::string> query_terms,
                       const Analyzer& analyzer) {
  if (text.size() <= kPassageCodePoints) return {0, text.size()};
  const std::set<std::string_view> wanted(query_terms.begin(), query_terms.end());
  TextRange best{0, 0};
  std::size_t best_count = 0;
  for (const TextRange& passage : split_passages(text, kPassageCodePoints, count_code_points)) {
    const auto tokens = analyzer.analyze(passage.of(text), language);
    std::set<std::string_view> found;
    for (const Token& token : tokens) {
      if (wanted.contains(token.text)) found.insert(token.text);
    }
    if (best.end == 0 || found.size() > best_count) {
      best = passage;
      best_count = found.size();
    }
  }
  return best;
}

}  // namespace dragoman
