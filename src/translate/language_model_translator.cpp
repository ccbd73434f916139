#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/translate/remote_translators.h"
#include "translate/by_sentence.h"
#include "translate/translation_prompt.h"

namespace dragoman {
namespace {

/// Small contexts and small models: what is longer is cut.
constexpr std::size_t kMostSentenceBytes = 1200;
/// Each takes seconds.
constexpr std::size_t kBatchTexts = 8;
constexpr std::size_t kMostTimes = 3, kMostBeyond = 32;

class LanguageModelTranslator final : public Translator {
 public:
  explicit LanguageModelTranslator(std::unique_ptr<LanguageModel> model)
      : model_(std::move(model)), stamp_(fmt::format("llm {} prompt={}", model_->stamp(), prompt_.stamp())) {}

  std::string_view name() const override { return "llm"; }
  const std::string& stamp() const override { return stamp_; }
  std::size_t batch_texts() const override { return kBatchTexts; }
  std::vector<std::string> notices() const override { return model_->notices(); }
  bool serves(const Language& from, const Language& to) const override { return !same_written_language(from, to); }

  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override {
    require_pair(*this, from, to);
    return translate_by_sentence(texts, from, to, {.most_bytes = kMostSentenceBytes},
                                 [&](std::span<const std::string_view> sentences) {
                                   std::vector<std::optional<std::string>> said;
                                   for (const std::string_view sentence : sentences) {
                                     said.push_back(say(sentence, from, to));
                                   }
                                   return said;
                                 });
  }

 private:
  std::optional<std::string> say(std::string_view sentence, const Language& from, const Language& to) {
    const auto prompt = model_->chat(prompt_.messages(sentence, from, to));
    const std::size_t most = kMostTimes * model_->tokenize(sentence).size() + kMostBeyond;
    if (prompt.size() + most > model_->context_tokens()) return std::nullopt;
    // What prompts of a pair begin with is read once.
    const auto frame = model_->chat(prompt_.messages("", from, to));
    std::size_t shared = 0;
    while (shared + 1 < prompt.size() && shared < frame.size() && prompt[shared] == frame[shared]) ++shared;
    const auto answer = model_->generate_text(prompt, shared, most);
    return answer ? translation_in(model_->detokenize(*answer), sentence) : std::nullopt;
  }

  TranslationPrompt prompt_;
  std::unique_ptr<LanguageModel> model_;
  std::string stamp_;
};

}  // namespace

std::unique_ptr<Translator> open_language_model_translator(const Model& model, const LanguageModelOptions& options) {
  return make_language_model_translator(open_language_model(model, options));
}

std::unique_ptr<Translator> make_language_model_translator(std::unique_ptr<LanguageModel> model) {
  return std::make_unique<LanguageModelTranslator>(std::move(model));
}

}  // namespace dragoman
