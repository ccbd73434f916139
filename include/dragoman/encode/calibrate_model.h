#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "dragoman/base/progress.h"
#include "dragoman/encode/model_store.h"

namespace dragoman {

/// How near a model's dense vectors in 8 bits come to those in 32: cosines over texts that were not measured on.
struct CosineToF32 {
  double mean = 0, least = 0;
};

struct Calibration {
  std::string input_statistics = {};    ///< For Model::input_statistics.
  std::size_t texts = 0;                ///< Measured on.
  std::size_t tokens = 0;               ///< Of them, and of their beginnings.
  std::size_t held_out = 0;             ///< Texts that the cosines are over.
  CosineToF32 before = {}, after = {};  ///< As the model was, and with these statistics.
};

/// Measures what an encoder's layers see, so that int8 may divide columns that stand out before it rounds: the few that
/// are many times larger than the rest would else decide the scale of all. Activations lose their mean and a power of
/// their deviation, weights and biases take them in, so encoding costs no more than before. After Xiao et al.,
/// "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models", ICML 2023.
///
/// @param texts passages in the languages the model is for, a hundred or more; their beginnings stand for queries.
///              Every fifth is held out.
/// @return the statistics; nothing is written. ModelStore::update() keeps them.
/// @throws InvalidArgument if there are fewer than ten texts, or the model is not an encoder of the BERT family.
///
/// Deterministic on one kind of processor. One pass in f32 on one thread, two in int8 over a fifth of the texts.
Calibration calibrate_model(const Model& model, std::span<const std::string_view> texts,
                            const ProgressCallback& progress = {});

}  // namespace dragoman
