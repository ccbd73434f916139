#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dragoman {

/// n-gram, in one string -> how often.
using NgramCounts = std::unordered_map<std::u32string, std::size_t>;

/// n-grams of words, a space between them: no word holds one.
inline NgramCounts count_ngrams(const std::vector<std::u32string_view>& words, std::size_t n) {
  NgramCounts counts;
  for (std::size_t i = 0; i + n <= words.size(); ++i) {
    std::u32string ngram(words[i]);
    for (std::size_t j = 1; j < n; ++j) ngram.append(U" ").append(words[i + j]);
    ++counts[std::move(ngram)];
  }
  return counts;
}

inline std::size_t total(const NgramCounts& counts) {
  std::size_t sum = 0;
  for (const auto& entry : counts) sum += entry.second;
  return sum;
}

/// How many n-grams both have, a repeated one as often as the one that has it less often.
inline std::size_t matches(const NgramCounts& a, const NgramCounts& b) {
  std::size_t sum = 0;
  for (const auto& [ngram, count] : a) {
    if (const auto found = b.find(ngram); found != b.end()) sum += std::min(count, found->second);
  }
  return sum;
}

}  // namespace dragoman
