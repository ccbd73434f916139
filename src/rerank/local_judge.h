#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/encode/language_model.h"
#include "rerank/budget.h"
#include "rerank/text_judge.h"

namespace dragoman::reranking {

using Tokens = std::vector<TokenId>;

/// A model whose tokens and logits can be had: labels are read from the logits of the next token, permutations are
/// generated under a grammar.
class LocalJudge final : public TextJudge {
 public:
  LocalJudge(LanguageModel& model, const Prompt& prompt, std::string_view query, std::span<const Candidate> candidates,
             const RerankOptions& options);

  std::vector<Passage> pieces() override;
  bool fits(std::size_t together, AnswerKind answer) const override;
  void cut_to_fit(std::size_t together, AnswerKind answer) override;
  std::vector<std::vector<double>> choose(std::span<const Question> questions,
                                          std::span<const std::string> labels) override;
  std::vector<std::vector<std::size_t>> permute(std::span<const Question> questions) override;
  std::vector<double> likelihood(std::span<const Question> questions, std::string_view text) override;
  bool spent() const override { return skipped_ > 0; }
  RerankReport report() const override;

 private:
  /// The longest that a passage may be (in tokens) where `together` of them and an answer share a prompt: short ones
  /// leave their share to long ones. The `together` longest candidates decide, so that every choice of them fits.
  std::size_t passage_limit(std::size_t together, std::size_t answer_tokens) const;
  std::size_t answer_tokens(std::size_t together, AnswerKind answer) const;
  void require_room(std::size_t together, std::size_t answer_tokens) const;

  /// Tokens of the prompt that holds exactly these texts.
  Tokens render(std::span<const std::string_view> passages) const;
  /// The same, with the longest passages cut further if it came out longer than the context.
  Tokens render(const Question& question);

  struct Ready {
    Tokens prompt;
    std::size_t shared = 0;  ///< Leading tokens that are the same in other prompts,
    std::size_t frame = 0;   ///< and of these, in the prompts that another passage leads.
  };
  /// Neighbours that the same passage leads share it too; others share what stands before their passages.
  std::vector<Ready> make_ready(std::span<const Question> questions);
  /// What prompts of so many passages begin with, whichever passage leads.
  const Tokens& frame_prefix(std::size_t passages);
  /// Prompts from `begin` on that share the same tokens with it, as many as go through the model together. Depends on
  /// the questions alone, so that a repeated run asks in the same groups. @param tail tokens that follow each prompt.
  static SharedPrompts group_at(std::span<const Ready> ready, std::size_t begin, std::size_t tail);
  /// How many of so many prompts may be asked now; counts the others, and all further ones, as skipped.
  std::size_t grant(std::size_t wanted);
  /// Asks the model about one group of prompts after another, until the budget is spent.
  template <typename Answer, typename Ask>
  std::vector<Answer> in_groups(std::span<const Question> questions, std::size_t tail, Ask ask);

  std::size_t count(std::string_view text) const { return model_.tokenize(text).size(); }
  std::string cut(std::string_view text, std::size_t tokens) const;
  std::size_t least() const;

  LanguageModel& model_;
  std::size_t answer_tokens_ = 0;
  LanguageModelUsage before_;
  std::vector<std::size_t> lengths_;  ///< In tokens, before any cut.
  Budget budget_;
  std::uint64_t skipped_ = 0;
  std::map<std::size_t, std::optional<Tokens>> frames_;  ///< frame_prefix(), where it was asked for.
};

std::unique_ptr<Answerer> make_local_answerer(std::shared_ptr<LanguageModel> model);

}  // namespace dragoman::reranking
