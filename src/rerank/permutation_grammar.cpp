#include "rerank/permutation_grammar.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <string>
#include <utility>

#include "dragoman/base/error.h"

namespace dragoman::reranking {
namespace {

bool begins_with(const std::vector<TokenId>& tokens, const std::vector<TokenId>& prefix) {
  return tokens.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), tokens.begin());
}

void check_distinct(const std::vector<std::vector<TokenId>>& spellings, const Prompt& prompt) {
  std::vector<std::size_t> sorted(spellings.size());
  std::iota(sorted.begin(), sorted.end(), std::size_t{0});
  std::sort(sorted.begin(), sorted.end(), [&](auto a, auto b) { return spellings[a] < spellings[b]; });
  // In this order a spelling stands right before those that it begins.
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
    if (!begins_with(spellings[sorted[i + 1]], spellings[sorted[i]])) continue;
    const auto [a, b] = std::minmax(sorted[i], sorted[i + 1]);
    throw InvalidData(
        fmt::format("{}: this model cannot tell the identifiers of passages {} and {} apart; choose another",
                    prompt.answers_place, a + 1, b + 1));
  }
}

}  // namespace

std::size_t Identifiers::longest_answer(std::size_t count) const {
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < count; ++i) tokens += std::max(first[i].size(), next[i].size());
  return tokens;
}

Identifiers spell_identifiers(const LanguageModel& model, const Prompt& prompt, std::size_t count) {
  const Template identifier(prompt.answers.find("identifier")->second);
  const std::string& separator = prompt.answers.find("separator")->second;
  Identifiers identifiers;
  const std::string head = identifier.fill({{"rank", "1"}});
  const std::vector<TokenId> head_tokens = model.tokenize(head);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = identifier.fill({{"rank", std::to_string(i + 1)}});
    identifiers.first.push_back(model.tokenize(text));
    // Behind another identifier a tokenizer may spell it otherwise than at the start of a text, so it is read off
    // there.
    std::vector<TokenId> behind = model.tokenize(head + separator + text);
    if (begins_with(behind, head_tokens)) {
      behind.erase(behind.begin(), behind.begin() + static_cast<std::ptrdiff_t>(head_tokens.size()));
    } else {
      behind = model.tokenize(separator + text);
    }
    identifiers.next.push_back(std::move(behind));
  }
  check_distinct(identifiers.first, prompt);
  check_distinct(identifiers.next, prompt);
  return identifiers;
}

PermutationGrammar::PermutationGrammar(const Identifiers& identifiers, std::size_t count)
    : identifiers_(identifiers), unused_(count) {
  assert(count <= identifiers.first.size());
  std::iota(unused_.begin(), unused_.end(), std::size_t{0});
  if (count == 1) choose(0);
  matching_ = unused_;
}

const std::vector<TokenId>& PermutationGrammar::spelling(std::size_t index) const {
  return order_.empty() ? identifiers_.first[index] : identifiers_.next[index];
}

std::string PermutationGrammar::identity() const {
  std::string identity = fmt::format("permutation of {}", order_.size() + unused_.size());
  for (const auto* spellings : {&identifiers_.first, &identifiers_.next}) {
    for (const auto& spelling : *spellings) identity += fmt::format(";{}", fmt::join(spelling, ","));
  }
  return identity;
}

std::vector<TokenId> PermutationGrammar::allowed() const {
  std::vector<TokenId> tokens;
  for (const std::size_t index : matching_) tokens.push_back(spelling(index)[position_]);
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

void PermutationGrammar::accept(TokenId token) {
  std::erase_if(matching_, [&](std::size_t index) { return spelling(index)[position_] != token; });
  assert(!matching_.empty());
  ++position_;
  if (matching_.size() > 1) return;
  const std::size_t index = matching_.front();
  // With two left, the choice of one settles both; otherwise the model must see the identifier written out.
  if (unused_.size() > 2 && position_ < spelling(index).size()) return;
  choose(index);
  if (unused_.size() == 1) choose(unused_.front());
  matching_ = unused_;
}

void PermutationGrammar::choose(std::size_t index) {
  order_.push_back(index);
  std::erase(unused_, index);
  position_ = 0;
}

}  // namespace dragoman::reranking
