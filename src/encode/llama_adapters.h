#pragma once

#include <span>
#include <string>
#include <vector>

#include "dragoman/encode/language_model.h"
#include "encode/llama_runtime.h"

namespace dragoman {

/// LoRA adapters of one model, in the order that they were named in. The model owns what was loaded.
struct LlamaAdapters {
  std::vector<llama_adapter_lora*> adapters;
  std::vector<float> weights;  ///< One each.
  std::string stamp;           ///< " adapter=HASH*WEIGHT" each; empty for none.
};

/// Loads those that count: a weight of 0 leaves an adapter out, as if it had not been named (its file is looked at all
/// the same). @param name of the model, for messages.
/// @throws InvalidArgument for a weight that is not finite or an adapter of another model, NotFound, InvalidData.
LlamaAdapters load_adapters(llama_model* model, std::string_view name, std::span<const LanguageModelAdapter> wanted);

/// Makes a context compute with them.
void apply(LlamaAdapters& adapters, llama_context* context);

}  // namespace dragoman
