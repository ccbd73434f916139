#include "encode/cached_language_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>

#include "encode/answer_store.h"

namespace dragoman {
namespace {

/// Writes numbers and lists one behind another, each list with its length, so that no two questions look alike.
class Question {
 public:
  Question& number(std::uint64_t value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
    return *this;
  }
  Question& tokens(std::span<const TokenId> tokens) {
    number(tokens.size());
    bytes_.append(reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes());
    return *this;
  }
  Question& text(std::string_view text) {
    number(text.size());
    bytes_ += text;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

template <typename T>
std::string to_bytes(std::span<const T> values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

template <typename T>
std::optional<std::vector<T>> from_bytes(const std::optional<std::string>& bytes) {
  if (!bytes || bytes->size() % sizeof(T) != 0) return std::nullopt;
  std::vector<T> values(bytes->size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes->data(), bytes->size());
  return values;
}

class CachedLanguageModel final : public LanguageModel {
 public:
  CachedLanguageModel(std::unique_ptr<LanguageModel> inner, AnswerStore store)
      : inner_(std::move(inner)), store_(std::move(store)) {}

  std::vector<TokenId> tokenize(std::string_view text) const override { return inner_->tokenize(text); }
  std::string detokenize(std::span<const TokenId> tokens) const override { return inner_->detokenize(tokens); }
  std::vector<TokenId> chat(std::span<const Message> messages) const override { return inner_->chat(messages); }
  std::vector<float> next_token_logits(std::span<const TokenId> prompt, std::size_t shared) override {
    return inner_->next_token_logits(prompt, shared);
  }

  std::vector<std::vector<float>> choice_logits(const SharedPrompts& prompts,
                                                std::span<const TokenId> wanted) override {
    const std::size_t each = wanted.size();
    const auto all = of_prompts<float>("choice", prompts, wanted, each, [&] {
      std::vector<float> logits;
      for (const auto& answer : inner_->choice_logits(prompts, wanted)) {
        logits.insert(logits.end(), answer.begin(), answer.end());
      }
      return logits;
    });
    std::vector<std::vector<float>> answers;
    for (std::size_t i = 0; i < prompts.suffixes.size(); ++i) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(i * each);
      answers.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(each));
    }
    return answers;
  }

  double log_likelihood(std::span<const TokenId> prompt, std::size_t shared,
                        std::span<const TokenId> continuation) override {
    Question question;
    question.tokens(prompt).number(shared).tokens(continuation);
    if (const auto kept = from_bytes<double>(store_.find("likelihood", question.bytes())); kept && kept->size() == 1) {
      ++hits_;
      return kept->front();
    }
    const double answer = inner_->log_likelihood(prompt, shared, continuation);
    store_.keep("likelihood", question.bytes(), to_bytes<double>(std::span(&answer, 1)));
    return answer;
  }

  std::vector<double> log_likelihoods(const SharedPrompts& prompts, std::span<const TokenId> continuation) override {
    return of_prompts<double>("likelihoods", prompts, continuation, 1,
                              [&] { return inner_->log_likelihoods(prompts, continuation); });
  }

  std::vector<TokenId> generate(std::span<const TokenId> prompt, std::size_t shared, Grammar& grammar) override {
    const std::string identity = grammar.identity();
    if (identity.empty() || grammar.finished()) return inner_->generate(prompt, shared, grammar);
    Question question;
    question.tokens(prompt).number(shared).text(identity);
    if (const auto kept = from_bytes<TokenId>(store_.find("output", question.bytes()))) {
      for (const TokenId token : *kept) grammar.accept(token);
      ++hits_;
      return *kept;
    }
    auto output = inner_->generate(prompt, shared, grammar);
    store_.keep("output", question.bytes(), to_bytes<TokenId>(output));
    return output;
  }

  /// Whoever asks for texts keeps them by what they are for.
  std::optional<std::vector<TokenId>> generate_text(std::span<const TokenId> prompt, std::size_t shared,
                                                    std::size_t most) override {
    return inner_->generate_text(prompt, shared, most);
  }

  std::size_t context_tokens() const override { return inner_->context_tokens(); }
  LanguageModelUsage usage() const override {
    LanguageModelUsage usage = inner_->usage();
    usage.cache_hits += hits_;
    return usage;
  }
  std::vector<std::string> notices() const override {
    std::vector<std::string> all = inner_->notices();
    for (std::string& notice : store_.notices()) all.push_back(std::move(notice));
    return all;
  }
  const std::string& stamp() const override { return inner_->stamp(); }

 private:
  /// `each` numbers a prompt, one prompt behind another: kept, or asked and kept.
  template <typename T, typename Ask>
  std::vector<T> of_prompts(std::string_view kind, const SharedPrompts& prompts, std::span<const TokenId> tokens,
                            std::size_t each, Ask ask) {
    Question question;
    question.tokens(prompts.prefix).number(prompts.frame).tokens(tokens);
    for (const auto& suffix : prompts.suffixes) question.tokens(suffix);
    if (auto kept = from_bytes<T>(store_.find(kind, question.bytes()));
        kept && kept->size() == prompts.suffixes.size() * each) {
      hits_ += prompts.suffixes.size();
      return *std::move(kept);
    }
    std::vector<T> answers = ask();
    store_.keep(kind, question.bytes(), to_bytes<T>(std::span(std::as_const(answers))));
    return answers;
  }

  std::unique_ptr<LanguageModel> inner_;
  AnswerStore store_;
  std::uint64_t hits_ = 0;
};

}  // namespace

std::unique_ptr<LanguageModel> make_cached_language_model(std::unique_ptr<LanguageModel> inner,
                                                          std::shared_ptr<EncodingDatabase> database,
                                                          std::string model) {
  AnswerStore store(std::move(database), std::move(model), inner->stamp());
  return std::make_unique<CachedLanguageModel>(std::move(inner), std::move(store));
}

std::unique_ptr<LanguageModel> with_cache(std::unique_ptr<LanguageModel> inner, const LanguageModelOptions& options,
                                          std::string model) {
  if (options.cache.empty()) return inner;
  AnswerStore store(options.cache, options.cache_bytes, std::move(model), inner->stamp());
  return std::make_unique<CachedLanguageModel>(std::move(inner), std::move(store));
}

}  // namespace dragoman
