#include "encode/forward/transformer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "dragoman/base/error.h"
#include "encode/forward/processor.h"
#if defined(__x86_64__)
#include "encode/forward/attention_bf16.h"
#endif

namespace dragoman {
namespace {

// In int8 the inner states of so many tokens stay in the second-level cache between the two products of a feed-forward
// layer. oneDNN does its own blocking, and takes whole packs.
constexpr std::size_t kInt8Rows = 96;

// GELU has its least value, -0.1700, at -0.75; the rest is for its approximations.
constexpr float kLeastGelu = -0.1705f;

template <typename T>
T* room_for(AlignedVector<T>& memory, std::size_t count) {
  if (memory.size() < count) memory.resize(count);
  return memory.data();
}

bool attends_in_bf16(Precision precision, const TransformerConfig& config) {
#if defined(__x86_64__)
  return precision != Precision::f32 && processor().bf16 && config.hidden / config.heads % 32 == 0;
#else
  (void)precision, (void)config;
  return false;
#endif
}

/// What no inner state of a feed-forward layer is below, where there is such a number: all steps of a byte can go to
/// what is above it.
std::optional<float> least_inner(const TransformerConfig& config) {
  if (config.gated) return std::nullopt;  // A product of two may be anything.
  switch (config.activation) {
    case Activation::gelu:
    case Activation::gelu_tanh:
      return kLeastGelu;
    case Activation::relu:
      return 0.0f;
    case Activation::silu:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Transformer::Transformer(const TransformerConfig& config, const ModelTensors& tensors, Precision precision,
                         std::span<const LayerStatistics> statistics)
    : config_(config),
      precision_(precision),
      attention_in_bf16_(attends_in_bf16(precision, config)),
      words_(tensors.table("token_embd.weight", config.vocabulary, config.hidden)),
      embedding_norm_(read_norm(tensors, "token_embd_norm")) {
  const std::size_t hidden = config_.hidden;
  std::vector<float> type(hidden);
  if (config_.token_types > 0) {
    const auto types = tensors.table("token_types.weight", config_.token_types, hidden);
    types.read(0, type.data());
    second_type_.resize(hidden);
    if (config_.token_types > 1) {
      types.read(1, second_type_.data());
      for (std::size_t i = 0; i < hidden; ++i) second_type_[i] -= type[i];
    }
  }
  if (config_.rotary_base == 0) {
    positions_ = tensors.matrix("position_embd.weight", config_.positions, hidden);
  } else {
    // Positions come later, into queries and keys; here they add nothing.
    positions_.assign(hidden, 0);
    const std::size_t half = hidden / config_.heads / 2;
    const double factor = config_.rotary_ntk_factor, width = static_cast<double>(2 * half);
    for (std::size_t position = 0; position < config_.positions; ++position) {
      for (std::size_t i = 0; i < half; ++i) {
        const double wave = std::pow(config_.rotary_base * factor, -2.0 * static_cast<double>(i) / width);
        const double angle = static_cast<double>(position) * wave / std::pow(factor, 2 / width);
        cosines_.push_back(static_cast<float>(std::cos(angle)));
        sines_.push_back(static_cast<float>(std::sin(angle)));
      }
    }
  }
  for (std::size_t at = 0; at < positions_.size(); at += hidden) add(positions_.data() + at, type.data(), hidden);
  for (std::size_t number = 0; number < config_.layers; ++number) {
    layers_.push_back(read_layer(tensors, number, statistics.empty() ? LayerStatistics{} : statistics[number]));
  }
}

Transformer::Norm Transformer::read_norm(const ModelTensors& tensors, const std::string& name) const {
  return {tensors.vector(name + ".weight", config_.hidden), tensors.vector_or_zeros(name + ".bias", config_.hidden)};
}

Transformer::Layer Transformer::read_layer(const ModelTensors& tensors, std::size_t number,
                                           const LayerStatistics& statistics) const {
  const std::size_t hidden = config_.hidden, inner = config_.inner;
  const auto name = [&](std::string_view part) { return fmt::format("blk.{}.{}", number, part); };
  const auto linear = [&](std::string_view part, std::size_t outputs, std::size_t inputs,
                          const InputStatistics& of_input = {}) {
    return make_linear(precision_, tensors.matrix(name(part) + ".weight", outputs, inputs),
                       tensors.vector_or_zeros(name(part) + ".bias", outputs), outputs, inputs, of_input);
  };

  std::vector<float> weights, bias;
  if (tensors.has(name("attn_qkv.weight"))) {
    weights = tensors.matrix(name("attn_qkv.weight"), 3 * hidden, hidden);
    bias = tensors.vector_or_zeros(name("attn_qkv.bias"), 3 * hidden);
  } else {
    for (const std::string_view part : {"attn_q", "attn_k", "attn_v"}) {
      const auto matrix = tensors.matrix(name(part) + ".weight", hidden, hidden);
      const auto vector = tensors.vector_or_zeros(name(part) + ".bias", hidden);
      weights.insert(weights.end(), matrix.begin(), matrix.end());
      bias.insert(bias.end(), vector.begin(), vector.end());
    }
  }
  // The scale of attention() goes into the queries' weights.
  const auto scale = static_cast<float>(std::numbers::log2e / std::sqrt(static_cast<double>(hidden / config_.heads)));
  for (std::size_t i = 0; i < hidden * hidden; ++i) weights[i] *= scale;
  for (std::size_t i = 0; i < hidden; ++i) bias[i] *= scale;

  Layer layer;
  layer.qkv = make_linear(precision_, weights, bias, 3 * hidden, hidden, statistics.attention);
  layer.output = linear("attn_output", hidden, hidden);
  layer.up = linear("ffn_up", inner, hidden, statistics.feed_forward);
  if (config_.gated) layer.gate = linear("ffn_gate", inner, hidden, statistics.feed_forward);
  layer.down = linear("ffn_down", hidden, inner, {.least = least_inner(config_)});
  layer.attention_norm = read_norm(tensors, name("attn_output_norm"));
  layer.output_norm = read_norm(tensors, name("layer_output_norm"));
  return layer;
}

void Transformer::run(const Pack& pack, Workspace& workspace) const {
  float* states = room_for(workspace.states, pack.tokens * config_.hidden);
  embed(pack, states);
  normalise(embedding_norm_, states, pack.tokens);
  if (workspace.observer) workspace.observer->layers.resize(layers_.size());
  for (std::size_t number = 0; number < layers_.size(); ++number) {
    const Layer& layer = layers_[number];
    observe(number, &InputObserver::Layer::attention, pack.tokens, workspace);
    attend(layer, pack, workspace);
    normalise(layer.attention_norm, states, pack.tokens);
    observe(number, &InputObserver::Layer::feed_forward, pack.tokens, workspace);
    feed_forward(layer, pack.tokens, workspace);
    normalise(layer.output_norm, states, pack.tokens);
  }
}

void Transformer::observe(std::size_t layer, ColumnStatistics InputObserver::Layer::*input, std::size_t tokens,
                          Workspace& workspace) const {
  if (!workspace.observer) return;
  (workspace.observer->layers[layer].*input).see(workspace.states.data(), tokens, config_.hidden);
}

void Transformer::embed(const Pack& pack, float* states) const {
  const std::size_t hidden = config_.hidden;
  for (std::size_t t = 0; t < pack.texts.size(); ++t) {
    const auto& text = pack.texts[t];
    const std::size_t second = pack.second_segments.empty() ? text.size() : pack.second_segments[t];
    for (std::size_t position = 0; position < text.size(); ++position, states += hidden) {
      words_.read(static_cast<std::size_t>(text[position]), states);
      const std::size_t row = positions_.size() == hidden ? 0 : position;
      add(states, positions_.data() + row * hidden, hidden);
      if (position >= second) add(states, second_type_.data(), hidden);
    }
  }
}

void Transformer::normalise(const Norm& norm, float* states, std::size_t tokens) const {
  for (std::size_t token = 0; token < tokens; ++token) {
    layer_norm(states + token * config_.hidden, config_.hidden, norm.weight.data(), norm.bias.data(), config_.epsilon);
  }
}

/// Rotates each pair (i, i + half) of the dimensions of queries and keys by its position.
void Transformer::rotate(const Pack& pack, float* qkv) const {
  const std::size_t size = config_.hidden / config_.heads, half = size / 2;
  for (const auto& text : pack.texts) {
    for (std::size_t position = 0; position < text.size(); ++position, qkv += 3 * config_.hidden) {
      const float* cosine = cosines_.data() + position * half;
      const float* sine = sines_.data() + position * half;
      for (std::size_t head = 0; head < 2 * config_.heads; ++head) {
        float* low = qkv + head * size;
        float* high = low + half;
        for (std::size_t i = 0; i < half; ++i) {
          const float x = low[i], y = high[i];
          low[i] = x * cosine[i] - y * sine[i];
          high[i] = y * cosine[i] + x * sine[i];
        }
      }
    }
  }
}

void Transformer::attend(const Layer& layer, const Pack& pack, Workspace& workspace) const {
  const std::size_t hidden = config_.hidden, width = 3 * hidden, size = hidden / config_.heads;
  float* context = room_for(workspace.context, pack.tokens * hidden);
  workspace.rows.assign(precision_, workspace.states.data(), pack.tokens, hidden, layer.qkv->levelling());

  const bool rotary = config_.rotary_base != 0;
  if (!attention_in_bf16_ || rotary) {
    float* qkv = room_for(workspace.qkv, pack.tokens * width);
    layer.qkv->apply(workspace.rows, Then::store, qkv, width);
    if (rotary) rotate(pack, qkv);
  }
  if (attention_in_bf16_) {
    std::uint16_t* qkv = room_for(workspace.qkv_bf16, pack.tokens * width);
    if (rotary) {
      to_bf16(workspace.qkv.data(), pack.tokens * width, qkv);
    } else {
      layer.qkv->apply_bf16(workspace.rows, qkv, width);
    }
  }

  std::size_t first = 0;
  for (const auto& text : pack.texts) {
    if (attention_in_bf16_) {
#if defined(__x86_64__)
      float* scratch = room_for(workspace.scratch, bf16::scratch_bytes(text.size(), size) / sizeof(float));
      bf16::attention({workspace.qkv_bf16.data() + first * width, width, text.size(), config_.heads, size,
                       context + first * hidden, hidden, scratch});
#endif
    } else {
      float* scratch = room_for(workspace.scratch, attention_scratch(text.size(), size));
      attention({workspace.qkv.data() + first * width, width, text.size(), config_.heads, size},
                context + first * hidden, scratch);
    }
    first += text.size();
  }

  workspace.rows.assign(precision_, context, pack.tokens, hidden);
  layer.output->apply(workspace.rows, Then::add, workspace.states.data(), hidden);
}

void Transformer::feed_forward(const Layer& layer, std::size_t tokens, Workspace& workspace) const {
  const std::size_t hidden = config_.hidden, inner = config_.inner;
  const std::size_t block = precision_ == Precision::int8 ? kInt8Rows : tokens;
  float* wide = room_for(workspace.inner, std::min(block, tokens) * inner);
  for (std::size_t first = 0; first < tokens; first += block) {
    const std::size_t count = std::min(block, tokens - first);
    float* states = workspace.states.data() + first * hidden;
    workspace.rows.assign(precision_, states, count, hidden, layer.up->levelling());
    if (config_.gated) {
      float* gate = room_for(workspace.gate, count * inner);
      layer.up->apply(workspace.rows, Then::store, wide, inner);
      layer.gate->apply(workspace.rows, Then::store, gate, inner);
      activate(config_.activation, gate, count * inner);
      multiply(wide, gate, count * inner);
    } else if (config_.activation == Activation::gelu) {
      layer.up->apply(workspace.rows, Then::gelu, wide, inner);
    } else {
      layer.up->apply(workspace.rows, Then::store, wide, inner);
      activate(config_.activation, wide, count * inner);
    }
    workspace.rows.assign(precision_, wide, count, inner, layer.down->levelling());
    layer.down->apply(workspace.rows, Then::add, states, hidden);
  }
}

}  // namespace dragoman
