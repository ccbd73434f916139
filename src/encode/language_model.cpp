#include "dragoman/encode/language_model.h"

namespace dragoman {

// The slow twin of what implementations do in batches.
std::vector<std::vector<float>> LanguageModel::choice_logits(const SharedPrompts& prompts,
                                                             std::span<const TokenId> wanted) {
  std::vector<std::vector<float>> answers;
  for (const auto& suffix : prompts.suffixes) {
    std::vector<TokenId> prompt = prompts.prefix;
    prompt.insert(prompt.end(), suffix.begin(), suffix.end());
    const std::vector<float> logits = next_token_logits(prompt, prompts.prefix.size());
    std::vector<float>& answer = answers.emplace_back();
    for (const TokenId token : wanted) answer.push_back(logits.at(static_cast<std::size_t>(token)));
  }
  return answers;
}

}  // namespace dragoman
