#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "dragoman/lexical/word_union.h"

namespace dragoman {

/// Is it a weight that a word, a union or a field may have?
bool is_word_weight(float weight);

/// Words that count once each.
std::vector<WeightedWord> each_once(std::span<const std::string_view> words);

/// By word, then by weight: sums of weights are the same in whatever order a query's words come.
std::vector<WeightedWord> in_order(std::span<const WeightedWord> words);

/// Words, each as a union of its own.
std::vector<WordUnion> unions_of(std::span<const WeightedWord> words);

}  // namespace dragoman
