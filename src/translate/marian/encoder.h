#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "encode/forward/aligned.h"
#include "translate/marian/model.h"

namespace dragoman::marian {

/// What one thread needs to run sentences; it grows to the largest batch.
struct Workspace {
  AlignedVector<float> states;  ///< [tokens, width]: the source's states after encode().
  AlignedVector<float> qkv, context, branch, inner, scratch, normed;
  Inputs inputs;
};

/// The memory, of so many numbers at least. What was in it stays.
template <typename T>
T* grown(AlignedVector<T>& memory, std::size_t size) {
  if (memory.size() < size) memory.resize(size);
  return memory.data();
}

/// The source's forward pass: sentences one behind the other, without padding; they do not see one another.
/// @param sentences token ids, each with its end token and below the source vocabulary's size.
void encode(const Model& model, std::span<const std::vector<std::int32_t>> sentences, Workspace& workspace);

/// x = norm(x) for one row of the model's width.
void normalise(const Norm& norm, float* x);

/// What a sublayer reads: the states themselves, or with config.norm_first a copy of them, normalised.
/// @param states [rows, width]
float* sublayer_input(const Model& model, const Norm& norm, std::size_t rows, float* states, Workspace& workspace);

/// states += x, what a sublayer gave; normalised behind it unless config.norm_first.
void add_sublayer(const Model& model, const Norm& norm, const float* x, std::size_t rows, float* states);

/// The sublayer down(activation(up(states))), in blocks of rows whose inner states stay in the caches.
void run_feed_forward(const Model& model, const FeedForward& layer, std::size_t rows, float* states,
                      Workspace& workspace);

}  // namespace dragoman::marian
