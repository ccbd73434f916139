#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dragoman/text/analyzer.h"
#include "dragoman/translate/translation_table.h"

namespace dragoman {

/// The words of one language, numbered in the order in which they first come.
class Vocabulary {
 public:
  /// Counts one occurrence of a word that is written so.
  std::uint32_t add(std::string_view word, std::string_view written);
  /// All words of a text. @return their numbers.
  std::vector<std::uint32_t> add(std::span<const Token> tokens, std::string_view text);
  std::size_t size() const { return words_.size(); }
  const std::string& word(std::uint32_t number) const { return *words_[number]; }
  /// Each with its most frequent spelling, the first by bytes if several are.
  std::vector<TableWord> table_words() const;

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<const std::string*> words_;  // Keys of numbers_.
  std::vector<std::unordered_map<std::string, std::uint32_t>> spellings_;
};

/// Sentences as numbers of words, one after another.
class Sentences {
 public:
  void add(std::span<const std::uint32_t> words) {
    words_.insert(words_.end(), words.begin(), words.end());
    begins_.push_back(words_.size());
  }
  std::size_t size() const { return begins_.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t number) const {
    return std::span(words_).subspan(begins_[number], begins_[number + 1] - begins_[number]);
  }
  std::size_t words() const { return words_.size(); }

 private:
  std::vector<std::uint32_t> words_;
  std::vector<std::size_t> begins_ = {0};
};

/// Sentence pairs: source[n] and target[n] say the same. No sentence is empty.
struct Bitext {
  Vocabulary source_words, target_words;
  Sentences source, target;
};

/// Without those that lie within another one, as characters do within pairs of them ("東", "京" within "東京").
std::vector<Token> without_parts(std::vector<Token> tokens);

}  // namespace dragoman
