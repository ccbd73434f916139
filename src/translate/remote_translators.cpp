#include "dragoman/translate/remote_translators.h"

#include <fmt/format.h>

#include <functional>

#include "base/environment.h"
#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "encode/endpoint_client.h"
#include "encode/http_exchange.h"
#include "encode/model_endpoint.h"
#include "translate/by_sentence.h"
#include "translate/remote_answer.h"
#include "translate/text_fields.h"
#include "translate/translation_prompt.h"

namespace dragoman {
namespace {

/// Servers limit what one request may have.
constexpr std::size_t kMostSentenceBytes = 2000, kRequestSentences = 32, kRequestBytes = 8000;
constexpr std::size_t kBatchTexts = 32;
constexpr std::size_t kAnswerBytes = std::size_t{4} << 20;

const RemoteTranslatorOptions& checked(const RemoteTranslatorOptions& options) {
  if (options.attempts < 1 || options.in_flight < 1) {
    throw InvalidArgument("attempts and in_flight of a translating endpoint must be at least 1");
  }
  return options;
}

/// What both kinds of endpoint have in common: requests for some sentences each, several at a time.
class RemoteTranslator : public Translator {
 public:
  const std::string& stamp() const override { return stamp_; }
  std::size_t batch_texts() const override { return kBatchTexts; }
  bool serves(const Language& from, const Language& to) const override { return !same_written_language(from, to); }

  std::vector<std::optional<std::string>> translate(std::span<const std::string> texts, const Language& from,
                                                    const Language& to) override {
    require_pair(*this, from, to);
    return translate_by_sentence(texts, from, to, {.most_bytes = kMostSentenceBytes},
                                 [&](std::span<const std::string_view> sentences) { return say(sentences, from, to); });
  }

 protected:
  RemoteTranslator(std::string url, const std::string& endpoint, std::string_view model, std::string stamp,
                   std::size_t request_sentences, const RemoteTranslatorOptions& options)
      : client_(std::move(url), endpoint, model,
                "see whether it serves these languages, and whether the texts are too long for it",
                {.attempts = options.attempts, .pause = options.pause, .stall = options.stall}),
        stamp_(std::move(stamp)),
        request_sentences_(request_sentences),
        in_flight_(options.in_flight) {}

  virtual std::string request(std::span<const std::string_view> sentences, const Language& from,
                              const Language& to) const = 0;
  /// @throws InvalidData if it is no answer to that.
  virtual std::vector<std::string> read(std::string_view body, std::size_t sentences) const = 0;

  const std::string& place() const { return client_.place(); }

 private:
  std::vector<std::optional<std::string>> say(std::span<const std::string_view> sentences, const Language& from,
                                              const Language& to) const {
    std::vector<std::size_t> starts = {0};
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      const bool full = i - starts.back() == request_sentences_ || bytes + sentences[i].size() > kRequestBytes;
      if (full && i > starts.back()) {
        starts.push_back(i);
        bytes = 0;
      }
      bytes += sentences[i].size();
    }
    starts.push_back(sentences.size());
    std::vector<std::optional<std::string>> said(sentences.size());
    if (sentences.empty()) return said;
    parallel_for(starts.size() - 1, in_flight_, [&](std::size_t r, std::size_t) {
      const auto asked = sentences.subspan(starts[r], starts[r + 1] - starts[r]);
      const auto answers = ask(asked, from, to);
      for (std::size_t i = 0; i < asked.size(); ++i) said[starts[r] + i] = translation_in(answers[i], asked[i]);
    });
    return said;
  }

  std::vector<std::string> ask(std::span<const std::string_view> sentences, const Language& from,
                               const Language& to) const {
    std::vector<std::string> answers;
    try {
      client_.ask({.body = request(sentences, from, to), .limit = kAnswerBytes}, [&](std::string_view body) {
        try {
          answers = read(body, sentences.size());
        } catch (const InvalidData& error) {
          throw TryAgain{error.what()};
        }
      });
    } catch (const EndpointDown& down) {
      throw Unavailable(down.message);
    }
    return answers;
  }

  EndpointClient client_;
  std::string stamp_;
  std::size_t request_sentences_, in_flight_;
};

class LibreTranslateTranslator final : public RemoteTranslator {
 public:
  LibreTranslateTranslator(const std::string& endpoint, const RemoteTranslatorOptions& options)
      : RemoteTranslator(endpoint + "/translate", endpoint, "libretranslate",
                         fmt::format("libretranslate {}", endpoint), kRequestSentences, options) {}
  std::string_view name() const override { return "libretranslate"; }

 private:
  std::string request(std::span<const std::string_view> sentences, const Language& from,
                      const Language& to) const override {
    Json json = {{"q", Json::array()}, {"source", from.primary()}, {"target", to.primary()}, {"format", "text"}};
    for (const std::string_view sentence : sentences) json["q"].push_back(sentence);
    if (const std::string key = environment("DRAGOMAN_API_KEY"); !key.empty()) json["api_key"] = key;
    return to_line(json);
  }
  std::vector<std::string> read(std::string_view body, std::size_t sentences) const override {
    return read_libretranslate_answer(body, sentences, place());
  }
};

class ChatTranslator final : public RemoteTranslator {
 public:
  ChatTranslator(const Model& model, const RemoteTranslatorOptions& options)
      : ChatTranslator(model, TranslationPrompt(), options) {}
  std::string_view name() const override { return "openai"; }

 private:
  ChatTranslator(const Model& model, TranslationPrompt prompt, const RemoteTranslatorOptions& options)
      : RemoteTranslator(model.endpoint + "/chat/completions", model.endpoint, model.endpoint_model,
                         fmt::format("openai {} prompt={}", model.name, prompt.stamp()), 1, options),
        model_(model.endpoint_model),
        prompt_(std::move(prompt)) {}

  std::string request(std::span<const std::string_view> sentences, const Language& from,
                      const Language& to) const override {
    Json json = {{"model", model_}, {"temperature", 0}, {"messages", Json::array()}};
    for (const Message& message : prompt_.messages(sentences.front(), from, to)) {
      json["messages"].push_back({{"role", message.role}, {"content", message.content}});
    }
    return to_line(json);
  }
  std::vector<std::string> read(std::string_view body, std::size_t) const override {
    return {read_chat_text(body, place())};
  }

  std::string model_;
  TranslationPrompt prompt_;
};

}  // namespace

std::unique_ptr<Translator> open_libretranslate_translator(std::string_view url,
                                                           const RemoteTranslatorOptions& options) {
  return std::make_unique<LibreTranslateTranslator>(checked_endpoint(url), checked(options));
}

std::unique_ptr<Translator> open_chat_translator(std::string_view endpoint, const RemoteTranslatorOptions& options) {
  return std::make_unique<ChatTranslator>(model_at_endpoint(endpoint), checked(options));
}

}  // namespace dragoman
