#include "dragoman/encode/language_model.h"

#include "dragoman/base/error.h"

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

std::optional<std::vector<TokenId>> LanguageModel::generate_text(std::span<const TokenId>, std::size_t, std::size_t) {
  throw InvalidArgument("this language model writes no free text");
}

}  // namespace dragoman
