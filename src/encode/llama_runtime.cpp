#include "encode/llama_runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

// llama.cpp says why it failed only in its log; the last error line of this thread becomes our message.
thread_local std::string last_error;

void keep_errors(ggml_log_level level, const char* text, void*) {
  if (level != GGML_LOG_LEVEL_ERROR) return;
  std::string_view line = text;
  while (line.ends_with('\n')) line.remove_suffix(1);
  // "llama_model_load: error loading model: reason"; llama.cpp repeats less and less on its way up.
  if (const auto cause = line.find("error loading model: "); cause != std::string_view::npos) {
    last_error = printable(line.substr(cause + 21), 300);
  } else if (last_error.empty()) {
    last_error = printable(line, 300);
  }
}

}  // namespace

void start_llama() {
  static std::once_flag once;
  std::call_once(once, [] {
    llama_log_set(keep_errors, nullptr);
    llama_backend_init();
  });
  last_error.clear();
}

LlamaModelPointer load_llama_model(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) throw NotFound(fmt::format("{}: no such file", file.string()));
  start_llama();
  llama_model_params params = llama_model_default_params();
  params.n_gpu_layers = 0;
  LlamaModelPointer model(llama_model_load_from_file(file.c_str(), params));
  if (!model) {
    throw InvalidData(fmt::format("{}: cannot be loaded as a model: {}; get it again or add another GGUF file",
                                  file.string(), last_error.empty() ? "unknown reason" : last_error));
  }
  return model;
}

void refuse_other_precisions(const Model& model, std::optional<Precision> precision) {
  if (!precision || *precision == Precision::f32) return;
  throw InvalidArgument(fmt::format("{}: cannot be run in {}; llama.cpp runs it in f32 alone",
                                    model.name.empty() ? model.file.string() : model.name, to_string(*precision)));
}

LlamaContextPointer make_llama_context(llama_model* model, const llama_context_params& params) {
  start_llama();
  LlamaContextPointer context(llama_init_from_model(model, params));
  if (!context) throw Unavailable(fmt::format("the model cannot be run: {}", last_error));
  return context;
}

llama_adapter_lora* load_llama_adapter(llama_model* model, const std::filesystem::path& file, std::string_view name) {
  start_llama();
  llama_adapter_lora* adapter = llama_adapter_lora_init(model, file.c_str());
  if (adapter != nullptr) return adapter;
  constexpr std::string_view kSaid = "failed to apply lora adapter: ";
  std::string reason = last_error.empty() ? "unknown reason" : last_error;
  if (const auto said = reason.find(kSaid); said != reason.npos) reason.erase(0, said + kSaid.size());
  throw InvalidArgument(fmt::format("{}: not an adapter of {}: {}; use it with the model that it was trained on",
                                    file.string(), name, reason));
}

std::vector<llama_token> llama_tokens(const llama_vocab* vocabulary, std::string_view text, ControlTokens control) {
  if (text.size() > std::numeric_limits<std::int32_t>::max() / 4) {
    throw InvalidArgument(fmt::format("a text of {} bytes is too long to be tokenised at once", text.size()));
  }
  const auto size = static_cast<std::int32_t>(text.size());
  std::vector<llama_token> tokens(text.size() / 2 + 8);
  for (;;) {
    const std::int32_t count =
        llama_tokenize(vocabulary, text.data(), size, tokens.data(), static_cast<std::int32_t>(tokens.size()), false,
                       control == ControlTokens::as_control);
    tokens.resize(static_cast<std::size_t>(std::abs(count)));
    if (count >= 0) return tokens;
  }
}

std::string llama_metadata(const llama_model* model, const char* key) {
  std::string value(256, '\0');
  for (;;) {
    const std::int32_t size = llama_model_meta_val_str(model, key, value.data(), value.size());
    if (size < 0) return {};
    const bool whole = static_cast<std::size_t>(size) < value.size();
    value.resize(static_cast<std::size_t>(size) + (whole ? 0 : 1));
    if (whole) return value;
  }
}

}  // namespace dragoman
