#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include "dragoman/encode/language_model.h"
#include "dragoman/encode/model_store.h"
#include "dragoman/translate/translator.h"

namespace dragoman {

/// How an endpoint is asked. What fails for a moment (no connection, 408, 429, 5xx, an answer that cannot be
/// understood) is asked again, after pauses that double.
struct RemoteTranslatorOptions {
  int attempts = 5;                      ///< For one request, > 0.
  std::chrono::milliseconds pause{500};  ///< Before the second.
  std::chrono::seconds stall{120};       ///< Without a byte for so long, an attempt has failed.
  std::size_t in_flight = 4;             ///< Requests at the same time, > 0.
};

/// POST URL/translate as LibreTranslate has it ({"q": [...], "source", "target", "format": "text"}), sentences of
/// several texts in one request. A key from DRAGOMAN_API_KEY goes along as "api_key". Any pair is tried: which it
/// serves the endpoint must say.
/// @throws InvalidArgument for an address that cannot be. translate() throws Unavailable if it does not answer, or
///         refuses.
std::unique_ptr<Translator> open_libretranslate_translator(std::string_view url,
                                                           const RemoteTranslatorOptions& options = {});

/// POST URL/chat/completions as OpenAI has it, a sentence a request, with prompts/translate.yaml and temperature 0.
/// @param endpoint "http://127.0.0.1:8080/v1#MODEL".
std::unique_ptr<Translator> open_chat_translator(std::string_view endpoint,
                                                 const RemoteTranslatorOptions& options = {});

/// A language model in this process, by the same prompt, a sentence at a time, greedily. A sentence at which it does
/// not come to an end in three times its tokens and 32 more, that does not fit into its context, or of whose four or
/// more words it gives back a copy, has no translation.
/// @throws as open_language_model().
std::unique_ptr<Translator> open_language_model_translator(const Model& model,
                                                           const LanguageModelOptions& options = {});

/// The same with a model that is open.
std::unique_ptr<Translator> make_language_model_translator(std::unique_ptr<LanguageModel> model);

}  // namespace dragoman
