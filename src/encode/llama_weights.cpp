#include "encode/llama_weights.h"

#include <fmt/format.h>
#include <ggml.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string_view>

#include "base/environment.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/encode/encoding_cache.h"
#include "dragoman/encode/model_store.h"
#include "encode/forward/processor.h"
#include "encode/model_file.h"

namespace dragoman {
namespace {

/// Embeddings are looked up, or used once a prompt to tell the next token: they stay as they are.
bool is_layer_matrix(const GgufTensor& tensor) {
  return tensor.name.starts_with("blk.") && tensor.shape[1] > 1 && tensor.shape[2] <= 1;
}

/// What the layers' matrices take in bf16; 0 if none of them gains by it.
std::uint64_t widened_bytes(const GgufFile& header) {
  std::uint64_t bytes = 0;
  bool gains = false;
  for (const GgufTensor& tensor : header.tensors) {
    if (!is_layer_matrix(tensor)) continue;
    gains |= ggml_is_quantized(static_cast<ggml_type>(tensor.type));
    bytes += tensor.shape[0] * tensor.shape[1] * 2;
  }
  return gains ? bytes : 0;
}

/// Mixtures of experts have their matrices in three dimensions, and use a few of them a token: nothing is gained.
bool has_experts(const GgufFile& header) {
  return std::ranges::any_of(header.tensors, [](const GgufTensor& tensor) { return tensor.shape[2] > 1; });
}

/// What the user says of all models, for comparisons with other programs: DRAGOMAN_WEIGHTS, "stored" or "bf16".
LanguageModelWeights wanted() {
  const std::string weights = environment("DRAGOMAN_WEIGHTS");
  if (weights.empty()) return LanguageModelWeights::automatic;
  if (weights == "stored") return LanguageModelWeights::stored;
  if (weights == "bf16") return LanguageModelWeights::bf16;
  throw InvalidArgument(fmt::format("DRAGOMAN_WEIGHTS is \"{}\"; it can be stored or bf16", printable(weights)));
}

void widen(const std::filesystem::path& from, const std::filesystem::path& to) {
  start_llama();
  llama_model_quantize_params params = llama_model_quantize_default_params();
  params.nthread = 1;
  params.ftype = LLAMA_FTYPE_MOSTLY_BF16;
  params.allow_requantize = true;
  params.quantize_output_tensor = false;
  for (const GgufTensor& tensor : open_model_file(from).header.tensors) {
    if (tensor.name == "token_embd.weight") params.token_embedding_type = static_cast<ggml_type>(tensor.type);
  }
  if (llama_model_quantize(from.c_str(), to.c_str(), &params) == 0) return;
  std::error_code ignored;
  std::filesystem::remove(to, ignored);
  throw Unavailable(
      fmt::format("{}: the model's weights cannot be widened into it; see whether the disk is full", to.string()));
}

bool pays(const Model& model, LanguageModelWeights weights) {
  if (weights == LanguageModelWeights::stored) return false;
  const ModelFile file = open_model_file(model.file);
  const std::uint64_t bytes = widened_bytes(file.header);
  if (bytes == 0 || has_experts(file.header)) return false;
  return weights == LanguageModelWeights::bf16 || (processor().bf16 && bytes <= kMostWidenedBytes);
}

LlamaModelPointer load_widened(const Model& model) {
  const std::string hash = model.sha256.substr(0, 32);
  const std::filesystem::path cache = default_cache_folder();
  static std::atomic<unsigned> count = 0;  // Threads may open the same model at the same time.
  const std::string name = fmt::format("{}.bf16.gguf.{}.{}", hash, getpid(), count++);
  std::error_code ignored;
  if (!cache.empty()) {
    const auto folder = cache / "weights", kept = folder / fmt::format("{}.bf16.gguf", hash);
    try {
      if (!std::filesystem::exists(kept, ignored)) {
        make_folder(folder);
        widen(model.file, folder / name);
        std::filesystem::rename(folder / name, kept, ignored);
      }
      return load_llama_model(kept);
    } catch (const InvalidData&) {
      std::filesystem::remove(kept, ignored);  // Damaged; it can be made again.
    } catch (const Error&) {
      // No place in the cache; the temporary folder may have some.
    }
  }
  const auto file = std::filesystem::temp_directory_path() / name;
  widen(model.file, file);
  LlamaModelPointer loaded = load_llama_model(file);
  std::filesystem::remove(file, ignored);  // What is mapped stays until it is closed.
  return loaded;
}

}  // namespace

LoadedLanguageModel load_language_model(const Model& model, LanguageModelWeights weights) {
  if (weights == LanguageModelWeights::automatic) weights = wanted();
  if (std::filesystem::exists(model.file) && pays(model, weights)) {
    try {
      return {load_widened(model), true};
    } catch (const Unavailable&) {
      if (weights != LanguageModelWeights::automatic) throw;
    }
  }
  return {load_llama_model(model.file), false};
}

}  // namespace dragoman
