#include "dragoman/encode/language_model.h"

#include "dragoman/base/error.h"

namespace dragoman {

namespace {

std::vector<TokenId> whole_prompt(const SharedPrompts& prompts, std::size_t i) {
  std::vector<TokenId> prompt = prompts.prefix;
  prompt.insert(prompt.end(), prompts.suffixes[i].begin(), prompts.suffixes[i].end());
  return prompt;
}

}  // namespace

// The slow twins of what implementations do in batches.
std::vector<std::vector<float>> LanguageModel::choice_logits(const SharedPrompts& prompts,
                                                             std::span<const TokenId> wanted) {
  std::vector<std::vector<float>> answers;
  for (std::size_t i = 0; i < prompts.suffixes.size(); ++i) {
    const std::vector<float> logits = next_token_logits(whole_prompt(prompts, i), prompts.prefix.size());
    std::vector<float>& answer = answers.emplace_back();
    for (const TokenId token : wanted) answer.push_back(logits.at(static_cast<std::size_t>(token)));
  }
  return answers;
}

std::vector<double> LanguageModel::log_likelihoods(const SharedPrompts& prompts,
                                                   std::span<const TokenId> continuation) {
  std::vector<double> answers;
  for (std::size_t i = 0; i < prompts.suffixes.size(); ++i) {
    answers.push_back(log_likelihood(whole_prompt(prompts, i), prompts.prefix.size(), continuation));
  }
  return answers;
}

std::optional<std::vector<TokenId>> LanguageModel::generate_text(std::span<const TokenId>, std::size_t, std::size_t) {
  throw InvalidArgument("this language model writes no free text");
}

}  // namespace dragoman
