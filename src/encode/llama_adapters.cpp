#include "encode/llama_adapters.h"

#include <fmt/format.h>

#include <cmath>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "encode/model_file.h"

namespace dragoman {
namespace {

/// Says what is wrong before llama.cpp does, which only says that something is.
void check_is_lora(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) {
    throw NotFound(fmt::format("{}: no such adapter; make a GGUF file of one with llama.cpp's convert_lora_to_gguf.py",
                               file.string()));
  }
  const GgufFile header = open_model_file(file).header;
  const std::string_view type = header.text("general.type").value_or("model");
  if (type != "adapter") {
    throw InvalidData(fmt::format("{}: is of type \"{}\", not an adapter; a whole model is given with --model",
                                  file.string(), printable(type)));
  }
  if (const std::string_view kind = header.text("adapter.type").value_or(""); kind != "lora") {
    throw InvalidData(
        fmt::format("{}: an adapter of type \"{}\"; only \"lora\" can be used", file.string(), printable(kind)));
  }
  if (header.array("adapter.alora.invocation_tokens") != nullptr) {
    throw InvalidData(
        fmt::format("{}: an adapter that certain words switch on (aLoRA); only those that are always on can be used",
                    file.string()));
  }
}

}  // namespace

LlamaAdapters load_adapters(llama_model* model, std::string_view name, std::span<const LanguageModelAdapter> wanted) {
  LlamaAdapters loaded;
  for (const LanguageModelAdapter& adapter : wanted) {
    const std::filesystem::path file = adapter.file;
    if (!std::isfinite(adapter.weight)) {
      throw InvalidArgument(
          fmt::format("{}: the adapter's weight is {}, it must be finite", file.string(), adapter.weight));
    }
    check_is_lora(file);
    if (adapter.weight == 0) continue;
    llama_adapter_lora* lora = load_llama_adapter(model, file, name);
    loaded.adapters.push_back(lora);
    loaded.weights.push_back(adapter.weight);
    loaded.stamp += fmt::format(" adapter={}*{}", sha256_of_file(file), adapter.weight);
  }
  return loaded;
}

void apply(LlamaAdapters& adapters, llama_context* context) {
  if (adapters.adapters.empty()) return;
  if (llama_set_adapters_lora(context, adapters.adapters.data(), adapters.adapters.size(), adapters.weights.data()) !=
      0) {
    throw Unavailable("the model cannot be run with its adapters");
  }
}

}  // namespace dragoman
