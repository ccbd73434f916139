#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/encode/language_model.h"

namespace dragoman::test {

/// A language model whose tokens are bytes and whose opinion is a function of the text before it. Control tokens lie
/// beyond the bytes, so no text can spell them.
class FakeLanguageModel : public LanguageModel {
 public:
  static constexpr TokenId kTurn = 256, kAnswer = 257;
  static constexpr std::size_t kVocabulary = 258;

  /// Raises the logits of bytes, given the text of the prompt and of the answer so far.
  using Opinion = std::function<void(const std::string& prompt, const std::string& answer, std::vector<float>& logits)>;

  explicit FakeLanguageModel(Opinion opinion, std::size_t context_tokens = 4096)
      : opinion_(std::move(opinion)), context_tokens_(context_tokens) {}

  std::vector<TokenId> tokenize(std::string_view text) const override {
    std::vector<TokenId> tokens;
    for (const char c : text) tokens.push_back(static_cast<unsigned char>(c));
    return tokens;
  }

  std::string detokenize(std::span<const TokenId> tokens) const override {
    std::string text;
    for (const TokenId token : tokens) {
      if (token < 256) text += static_cast<char>(token);
    }
    return text;
  }

  std::vector<TokenId> chat(std::span<const Message> messages) const override {
    std::vector<TokenId> tokens;
    for (const Message& message : messages) {
      tokens.push_back(kTurn);
      for (const TokenId token : tokenize(message.content)) tokens.push_back(token);
    }
    tokens.push_back(kAnswer);
    return tokens;
  }

  std::vector<float> next_token_logits(std::span<const TokenId> prompt, std::size_t shared) override {
    take(prompt, shared);
    return logits(detokenize(prompt), "");
  }

  double log_likelihood(std::span<const TokenId> prompt, std::size_t shared,
                        std::span<const TokenId> continuation) override {
    take(prompt, shared);
    double sum = 0;
    for (std::size_t i = 0; i < continuation.size(); ++i) {
      const auto values = logits(detokenize(prompt), detokenize(continuation.first(i)));
      double all = 0;
      for (const float value : values) all += std::exp(static_cast<double>(value));
      sum += values[static_cast<std::size_t>(continuation[i])] - std::log(all);
    }
    return sum;
  }

  std::vector<TokenId> generate(std::span<const TokenId> prompt, std::size_t shared, Grammar& grammar) override {
    take(prompt, shared);
    std::vector<TokenId> output;
    while (!grammar.finished()) {
      const auto allowed = grammar.allowed();
      const auto values = logits(detokenize(prompt), detokenize(output));
      const TokenId best = *std::ranges::max_element(allowed, [&](TokenId a, TokenId b) {
        const float left = values[static_cast<std::size_t>(a)], right = values[static_cast<std::size_t>(b)];
        return left != right ? left < right : a > b;
      });
      grammar.accept(best);
      output.push_back(best);
    }
    answers.push_back(detokenize(output));
    return output;
  }

  std::size_t context_tokens() const override { return context_tokens_; }
  LanguageModelUsage usage() const override { return usage_; }
  const std::string& stamp() const override { return stamp_; }

  std::vector<std::string> prompts;  ///< Asked so far, as text.
  std::vector<std::string> answers;  ///< Generated so far.

 private:
  void take(std::span<const TokenId> prompt, std::size_t shared) {
    if (prompt.empty() || shared >= prompt.size()) throw InvalidArgument("fake: nothing left to evaluate");
    if (prompt.size() > context_tokens_) throw InvalidArgument("fake: the prompt is too long");
    ++usage_.calls;
    usage_.tokens_evaluated += prompt.size() - shared;
    usage_.tokens_reused += shared;
    prompts.push_back(detokenize(prompt));
  }

  std::vector<float> logits(const std::string& prompt, const std::string& answer) const {
    std::vector<float> values(kVocabulary, 0.0f);
    opinion_(prompt, answer, values);
    return values;
  }

  Opinion opinion_;
  std::size_t context_tokens_;
  LanguageModelUsage usage_;
  std::string stamp_ = "fake";
};

/// The number behind "worth " in a passage: what the planted opinions prefer. 0 if there is none.
inline int worth(std::string_view passage) {
  const auto at = passage.find("worth ");
  return at == std::string_view::npos ? 0 : std::stoi(std::string(passage.substr(at + 6, 4)));
}

/// The text between two marks, or up to the end.
inline std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const auto begin = text.find(from);
  if (begin == std::string::npos) return "";
  const auto start = begin + from.size(), end = text.find(to, start);
  return text.substr(start, end == std::string::npos ? std::string::npos : end - start);
}

}  // namespace dragoman::test
