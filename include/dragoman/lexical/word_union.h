#pragma once

#include <string_view>
#include <vector>

namespace dragoman {

/// A word of a union, and what one occurrence of it counts.
struct WeightedWord {
  std::string_view word;
  float weight = 1;  ///< From 1e-6 to 1e6.
};

/// In how many documents a union is thought to be.
enum class UnionFrequency {
  any,  ///< In those that have any of its words. Counted exactly.
  /// Sum of weight times the documents of each word, as in probabilistic structured queries (Darwish and Oard,
  /// "Probabilistic Structured Query Methods", SIGIR 2003), where a weight is the probability of a translation. Never
  /// more than all documents.
  expected,
};

/// Words that a query means as one: spellings of a name, or translations of a word with their probabilities. Their
/// weighted frequencies in a document are added before BM25 saturates them, so that a document with two of them says
/// no more than one that has either of them twice.
struct WordUnion {
  std::vector<WeightedWord> words;
  float times = 1;  ///< How often the query has it, from 1e-6 to 1e6.
  UnionFrequency frequency = UnionFrequency::any;
};

}  // namespace dragoman
