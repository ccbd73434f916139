#include "lexical/weighted_words.h"

#include <algorithm>
#include <tuple>

namespace dragoman {

bool is_word_weight(float weight) { return weight >= 1e-6f && weight <= 1e6f; }

std::vector<WeightedWord> each_once(std::span<const std::string_view> words) {
  std::vector<WeightedWord> weighted;
  for (const std::string_view word : words) weighted.push_back({word, 1});
  return weighted;
}

std::vector<WeightedWord> in_order(std::span<const WeightedWord> words) {
  std::vector<WeightedWord> sorted(words.begin(), words.end());
  std::ranges::sort(sorted, [](const WeightedWord& a, const WeightedWord& b) {
    return std::tie(a.word, a.weight) < std::tie(b.word, b.weight);
  });
  return sorted;
}

std::vector<WordUnion> unions_of(std::span<const WeightedWord> words) {
  std::vector<WordUnion> unions;
  for (const WeightedWord& word : in_order(words)) {
    if (!unions.empty() && unions.back().words[0].word == word.word) {
      unions.back().times += word.weight;
    } else {
      unions.push_back({.words = {{word.word, 1}}, .times = word.weight});
    }
  }
  return unions;
}

}  // namespace dragoman
