#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "dragoman/encode/language_model.h"
#include "rerank/prompt.h"

namespace dragoman::reranking {

/// How a model spells the identifiers of passages. No spelling begins another, so each says itself where it ends.
struct Identifiers {
  std::vector<std::vector<TokenId>> first;  ///< "[1]", "[2]", ... at the head of an answer.
  std::vector<std::vector<TokenId>> next;   ///< " > [1]", " > [2]", ... behind another identifier.

  /// Most tokens that a permutation of the first `count` takes.
  std::size_t longest_answer(std::size_t count) const;
};

/// @throws InvalidData, naming the prompt file, if the model cannot tell two identifiers apart.
Identifiers spell_identifiers(const LanguageModel& model, const Prompt& prompt, std::size_t count);

/// Holds an answer to a permutation, "[2] > [1] > [3]": each identifier once. At every token, what is allowed is what
/// goes on along the spelling of an identifier that is not used yet (a walk down the trie of those spellings), so
/// separators and unambiguous endings are forced. Finished as soon as one identifier is left or the last choice is
/// made: what follows from the rest need not be generated.
class PermutationGrammar final : public Grammar {
 public:
  /// @param identifiers must outlive the grammar. @param count how many of them to permute, <=
  /// identifiers.first.size().
  PermutationGrammar(const Identifiers& identifiers, std::size_t count);

  bool finished() const override { return unused_.empty(); }
  std::vector<TokenId> allowed() const override;  // Ascending.
  void accept(TokenId token) override;
  std::string identity() const override;

  /// Indices from 0 in the order of the answer; all of them once finished().
  const std::vector<std::size_t>& order() const { return order_; }

 private:
  const std::vector<TokenId>& spelling(std::size_t index) const;
  void choose(std::size_t index);

  const Identifiers& identifiers_;
  std::vector<std::size_t> order_;
  std::vector<std::size_t> unused_;
  std::vector<std::size_t>
      matching_;              ///< Unused ones whose spelling begins with the tokens accepted since the last choice.
  std::size_t position_ = 0;  ///< Number of those tokens.
};

}  // namespace dragoman::reranking
