#pragma once

#include "dragoman/encode/language_model.h"
#include "encode/llama_runtime.h"

namespace dragoman {

struct Model;

struct LoadedLanguageModel {
  LlamaModelPointer model;
  bool widened = false;  ///< The matrices are multiplied in bf16, although the file holds something else.
};

/// A model's weights, widened if that is asked for and there is something to widen, or, with `automatic`, where it
/// pays: by llama.cpp's own conversion, into a file of the user's cache folder that later processes map, or where there
/// is none into a temporary one that nobody else sees.
///
/// A prompt is read at the speed of matrix products. llama.cpp multiplies most 4- and 5-bit formats block by block
/// after rounding the activations to 8 bits; a processor that multiplies bf16 reads prompts two to three times as fast
/// with matrices that were widened before, and nearer to f32 (docs/decisions/language-model-reranking.md).
///
/// @param model with its hash, by which the widened file goes.
/// @throws as load_llama_model(); Unavailable if the file cannot be written, but for `automatic`, which does without.
LoadedLanguageModel load_language_model(const Model& model, LanguageModelWeights weights);

}  // namespace dragoman
