#include "translate/marian/encoder.h"

#include <algorithm>

#include "encode/forward/kernels.h"

namespace dragoman::marian {
namespace {

constexpr std::size_t kBlockRows = 48;  // 1,536 inner floats each: 288 kB.

void attend(const Model& model, const SelfAttention& layer, std::span<const std::vector<std::int32_t>> sentences,
            std::size_t tokens, Workspace& workspace) {
  const std::size_t width = model.config().width, stride = 3 * width, heads = model.config().heads;
  float* states = workspace.states.data();
  float* read = sublayer_input(model, layer.norm, tokens, states, workspace);
  float* qkv = grown(workspace.qkv, tokens * stride);
  float* context = grown(workspace.context, tokens * width);
  std::size_t column = 0;
  for (const Affine* part : {&layer.query, &layer.key, &layer.value}) {
    if (column == 0 || part->input_multiplier() != workspace.inputs.multiplier()) {
      workspace.inputs.assign(model.precision(), read, tokens, width, part->input_multiplier());
    }
    part->apply(workspace.inputs, qkv + column, stride);
    column += width;
  }
  std::size_t first = 0;
  for (const auto& sentence : sentences) {
    const AttentionInput input{qkv + first * stride, stride, sentence.size(), heads, width / heads};
    attention(input, context + first * width,
              grown(workspace.scratch, attention_scratch(sentence.size(), width / heads)));
    first += sentence.size();
  }
  workspace.inputs.assign(model.precision(), context, tokens, width, layer.output.input_multiplier());
  float* branch = grown(workspace.branch, tokens * width);
  layer.output.apply(workspace.inputs, branch, width);
  add_sublayer(model, layer.norm, branch, tokens, states);
}

}  // namespace

void normalise(const Norm& norm, float* x) {
  layer_norm(x, norm.scale.size(), norm.scale.data(), norm.bias.data(), norm.epsilon);
}

float* sublayer_input(const Model& model, const Norm& norm, std::size_t rows, float* states, Workspace& workspace) {
  if (!model.config().norm_first) return states;
  const std::size_t width = model.config().width;
  float* read = grown(workspace.normed, rows * width);
  std::copy_n(states, rows * width, read);
  for (std::size_t row = 0; row < rows; ++row) normalise(norm, read + row * width);
  return read;
}

void add_sublayer(const Model& model, const Norm& norm, const float* x, std::size_t rows, float* states) {
  const std::size_t width = model.config().width;
  for (std::size_t row = 0; row < rows; ++row) {
    add(states + row * width, x + row * width, width);
    if (!model.config().norm_first) normalise(norm, states + row * width);
  }
}

void run_feed_forward(const Model& model, const FeedForward& layer, std::size_t rows, float* states,
                      Workspace& workspace) {
  const std::size_t width = model.config().width, inner_width = layer.up.outputs();
  float* inner = grown(workspace.inner, kBlockRows * model.inner_width());
  float* branch = grown(workspace.branch, rows * width);
  float* read = sublayer_input(model, layer.norm, rows, states, workspace);
  const Activation activation = model.config().activation;
  for (std::size_t row = 0; row < rows; row += kBlockRows) {
    const std::size_t count = std::min(kBlockRows, rows - row);
    workspace.inputs.assign(model.precision(), read + row * width, count, width, layer.up.input_multiplier());
    layer.up.apply(workspace.inputs, inner, inner_width);
    // A rectifier goes into the rounding.
    if (activation != Activation::relu) activate(activation, inner, count * inner_width);
    workspace.inputs.assign(model.precision(), inner, count, inner_width, layer.down.input_multiplier(),
                            activation == Activation::relu ? Rectify::yes : Rectify::no);
    layer.down.apply(workspace.inputs, branch + row * width, width);
  }
  add_sublayer(model, layer.norm, branch, rows, states);
}

void encode(const Model& model, std::span<const std::vector<std::int32_t>> sentences, Workspace& workspace) {
  const std::size_t width = model.config().width;
  std::size_t tokens = 0;
  for (const auto& sentence : sentences) tokens += sentence.size();
  float* states = grown(workspace.states, tokens * width);
  for (const auto& sentence : sentences) {
    for (std::size_t position = 0; position < sentence.size(); ++position, states += width) {
      model.embed_source(sentence[position], position, states);
    }
  }
  for (const EncoderLayer& layer : model.encoder()) {
    attend(model, layer.attention, sentences, tokens, workspace);
    run_feed_forward(model, layer.feed_forward, tokens, workspace.states.data(), workspace);
  }
  if (!model.config().norm_first) return;
  for (std::size_t row = 0; row < tokens; ++row) {
    normalise(model.encoder_norm(), workspace.states.data() + row * width);
  }
}

}  // namespace dragoman::marian
