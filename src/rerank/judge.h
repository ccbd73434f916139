#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/language_model.h"
#include "dragoman/rerank/reranker.h"
#include "rerank/prompt.h"

namespace dragoman::reranking {

using Tokens = std::vector<TokenId>;

/// A shorter piece of a passage than this tells a model little; where so much does not fit, fewer passages share a
/// prompt, or the query is refused.
inline constexpr std::size_t kLeastPassageTokens = 32;

/// Puts the candidates of one query before a language model. What all methods need is here: chat turns, cutting
/// passages to what fits, shared prefixes, and the count of what it cost.
class Judge {
 public:
  /// A passage as it goes into a prompt, and whose it is.
  struct Passage {
    std::size_t candidate = 0;
    std::string_view text;
  };

  /// @param passage_tokens cut passages to so many tokens; 0 for as many as fit.
  Judge(LanguageModel& model, const Prompt& prompt, std::string_view query, std::span<const Candidate> candidates,
        std::size_t passage_tokens);

  LanguageModel& model() { return model_; }
  std::size_t size() const { return passages_.size(); }
  Passage passage(std::size_t candidate) const { return {candidate, passages_[candidate]}; }

  /// The longest that a passage may be (in tokens) where `together` of them and an answer share a prompt: short ones
  /// leave their share to long ones. The `together` longest candidates decide, so that every choice of them fits.
  std::size_t passage_limit(std::size_t together, std::size_t answer_tokens) const;

  /// Does passage_limit() leave each at least kLeastPassageTokens, or all there is?
  bool fits(std::size_t together, std::size_t answer_tokens) const;

  /// Cuts every candidate to passage_limit(), the same in all prompts.
  /// @throws InvalidArgument if it does not fit.
  void cut_to_fit(std::size_t together, std::size_t answer_tokens);

  /// @throws InvalidArgument if it does not fit.
  void require_room(std::size_t together, std::size_t answer_tokens) const;

  /// Tokens of the prompt that holds exactly these texts.
  Tokens render(std::span<const std::string_view> passages) const;

  /// The same, with the longest passages cut further if it came out longer than the context.
  Tokens prompt(std::span<const Passage> passages);
  Tokens prompt(std::initializer_list<Passage> passages) {
    return prompt(std::span(passages.begin(), passages.size()));
  }

  /// log p(positive) - log p(negative) of the next token. The normaliser of the softmax is the same for both, so this
  /// is the difference of the logits.
  /// @param prefix what this prompt shares with others; see common_prefix().
  double contrast(const Tokens& tokens, const Tokens& prefix, TokenId positive, TokenId negative);

  void generate(const Tokens& tokens, const Tokens& prefix, Grammar& grammar);

  /// What this judge cost so far.
  RerankReport report() const;

 private:
  std::size_t count(std::string_view text) const { return model_.tokenize(text).size(); }
  std::string cut(std::string_view text, std::size_t tokens) const;
  std::size_t least() const;

  LanguageModel& model_;
  const Prompt& prompt_;
  std::string query_;
  std::size_t passage_tokens_;
  std::size_t answer_tokens_ = 0;
  LanguageModelUsage before_;
  std::vector<std::string> passages_;
  std::vector<std::size_t> lengths_;  ///< In tokens, before any cut.
  std::vector<bool> truncated_;
};

/// What all prompts of a batch begin with; nothing for a batch of one, which shares with nobody.
Tokens common_prefix(std::span<const Tokens> prompts);

/// White space in one line: a line break inside a passage would look like the end of it.
std::string one_line(std::string_view text);

/// The first token of an answer. @throws InvalidData, naming the prompt file, if both answers begin with the same.
struct AnswerTokens {
  TokenId positive = 0, negative = 0;
};
AnswerTokens answer_tokens(const LanguageModel& model, const Prompt& prompt, std::string_view positive,
                           std::string_view negative);

}  // namespace dragoman::reranking
