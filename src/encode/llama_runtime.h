#pragma once

#include <llama.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/model_store.h"
#include "dragoman/encode/precision.h"

namespace dragoman {

struct LlamaModelDeleter {
  void operator()(llama_model* model) const { llama_model_free(model); }
};
struct LlamaContextDeleter {
  void operator()(llama_context* context) const { llama_free(context); }
};
using LlamaModelPointer = std::unique_ptr<llama_model, LlamaModelDeleter>;
using LlamaContextPointer = std::unique_ptr<llama_context, LlamaContextDeleter>;

/// Once before anything of llama.cpp: without it, llama.cpp writes its log to standard error. Thread-safe.
void start_llama();

/// Maps a GGUF file and its weights. @throws NotFound, InvalidData with llama.cpp's own reason.
LlamaModelPointer load_llama_model(const std::filesystem::path& file);

/// A LoRA adapter, which the model owns. @param name of the model.
/// @throws InvalidArgument if it is one of another model, with llama.cpp's own reason.
llama_adapter_lora* load_llama_adapter(llama_model* model, const std::filesystem::path& file, std::string_view name);

/// @throws InvalidArgument if the user wants another precision than the one that llama.cpp runs encoders in.
void refuse_other_precisions(const Model& model, std::optional<Precision> precision);

/// @throws Unavailable (memory, as a rule) with llama.cpp's own reason.
LlamaContextPointer make_llama_context(llama_model* model, const llama_context_params& params);

/// What control tokens spelled out in a text are.
enum class ControlTokens { as_text, as_control };

/// Token ids of a text, without any token that the text does not hold itself.
std::vector<llama_token> llama_tokens(const llama_vocab* vocabulary, std::string_view text, ControlTokens control);

/// A value of the GGUF header, or "".
std::string llama_metadata(const llama_model* model, const char* key);

/// llama.cpp's batch of at most `capacity` tokens, one sequence a token.
class LlamaBatch {
 public:
  explicit LlamaBatch(std::size_t capacity) : batch_(llama_batch_init(static_cast<std::int32_t>(capacity), 0, 1)) {}
  LlamaBatch(const LlamaBatch&) = delete;
  LlamaBatch& operator=(const LlamaBatch&) = delete;
  ~LlamaBatch() { llama_batch_free(batch_); }

  void clear() { batch_.n_tokens = 0; }
  void add(llama_token token, std::size_t position, std::size_t sequence, bool output) {
    const auto i = batch_.n_tokens++;
    batch_.token[i] = token;
    batch_.pos[i] = static_cast<llama_pos>(position);
    batch_.n_seq_id[i] = 1;
    batch_.seq_id[i][0] = static_cast<llama_seq_id>(sequence);
    batch_.logits[i] = output;
  }
  const llama_batch& get() const { return batch_; }

 private:
  llama_batch batch_;
};

}  // namespace dragoman
