#pragma once

#include "dragoman/encode/language_model.h"
#include "encode/llama_runtime.h"

namespace dragoman {

struct Model;

/// Will the matrices be multiplied in bf16, although the file holds something else?
///
/// A prompt is read at the speed of matrix products. llama.cpp multiplies most 4- and 5-bit formats block by block
/// after rounding the activations to 8 bits; a processor that multiplies bf16 reads prompts two to three times as fast
/// with matrices that were widened before, and nearer to f32 (docs/decisions/language-model-weights.md).
bool widens(const Model& model, LanguageModelWeights weights);

/// The model's weights, widened where widens() says so: by llama.cpp's own conversion, into a file of the user's cache
/// folder that later processes map, or where there is none into a temporary one that nobody else sees.
/// @throws as load_llama_model(), Unavailable if the file cannot be written.
LlamaModelPointer load_language_model(const Model& model, LanguageModelWeights weights);

}  // namespace dragoman
