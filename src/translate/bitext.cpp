#include "translate/bitext.h"

#include <algorithm>

namespace dragoman {

std::uint32_t Vocabulary::add(std::string_view word, std::string_view written) {
  const auto [at, is_new] = numbers_.try_emplace(std::string(word), static_cast<std::uint32_t>(words_.size()));
  if (is_new) {
    words_.push_back(&at->first);
    spellings_.emplace_back();
  }
  ++spellings_[at->second][std::string(written)];
  return at->second;
}

std::vector<std::uint32_t> Vocabulary::add(std::span<const Token> tokens, std::string_view text) {
  std::vector<std::uint32_t> numbers;
  for (const Token& token : tokens) {
    numbers.push_back(add(token.text, text.substr(token.begin, token.end - token.begin)));
  }
  return numbers;
}

std::vector<TableWord> Vocabulary::table_words() const {
  std::vector<TableWord> words;
  words.reserve(words_.size());
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const auto most = std::ranges::max_element(spellings_[i], [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second < b.second : a.first > b.first;
    });
    words.push_back({*words_[i], most->first});
  }
  return words;
}

std::vector<Token> without_parts(std::vector<Token> tokens) {
  // Tokens come by their begins, so whatever holds one begins where it does or before.
  std::vector<std::uint8_t> is_part(tokens.size());
  std::size_t furthest = 0, holder = 0;  // Of the tokens so far, the one that ends last.
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (i > 0 && token.end <= furthest && (tokens[holder].begin < token.begin || tokens[holder].end > token.end)) {
      is_part[i] = 1;
      continue;
    }
    for (std::size_t j = i; j-- > 0 && tokens[j].begin == token.begin;) {
      if (tokens[j].end < token.end) is_part[j] = 1;
    }
    if (token.end > furthest) {
      furthest = token.end;
      holder = i;
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (is_part[i]) continue;
    if (kept != i) tokens[kept] = std::move(tokens[i]);
    ++kept;
  }
  tokens.resize(kept);
  return tokens;
}

}  // namespace dragoman
