#include "translate/marian/model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace dragoman::marian {
namespace {

constexpr float kLargestBase = 10000, kLog2E = 1.44269504089f;
constexpr std::size_t kPositions = 256;

/// x = an embedding, times `gain`.
struct ReadRow {
  std::size_t row, width;
  float gain;
  float* x;

  void operator()(const QuantizedWeights& rows) const {
    const float scale = 1 / rows.multiplier;
    const std::int8_t* from = rows.values + row * width;
    for (std::size_t i = 0; i < width; ++i) x[i] = static_cast<float>(from[i]) * scale * gain;
  }
  void operator()(const ModelTensors::Table& table) const {
    table.read(row, x);
    for (std::size_t i = 0; i < width; ++i) x[i] *= gain;
  }
};

}  // namespace

float query_gain(const MarianConfig& config) { return 1 / std::sqrt(static_cast<float>(config.width / config.heads)); }
float base_two_query_gain(const MarianConfig& config) { return query_gain(config) * kLog2E; }

Model::Model(ModelParts parts) : parts_(std::move(parts)), full_output_(std::make_unique<FullOutput>()) {
  for (const EncoderLayer& layer : parts_.encoder) {
    inner_width_ = std::max(inner_width_, layer.feed_forward.up.outputs());
  }
  for (const DecoderLayer& layer : parts_.decoder) {
    inner_width_ = std::max(inner_width_, layer.feed_forward.up.outputs());
  }
  // Vaswani et al., "Attention Is All You Need", 2017, section 3.5, but all sines first, then all cosines.
  const std::size_t width = parts_.config.width;
  for (std::size_t i = 0; i < width / 2; ++i) {
    frequencies_.push_back(std::pow(kLargestBase, -static_cast<float>(i) / parts_.config.frequency_steps));
  }
  positions_.resize(kPositions * width);
  for (std::size_t position = 0; position < kPositions; ++position) {
    put_position(position, positions_.data() + position * width);
  }
}

void Model::put_position(std::size_t position, float* x) const {
  const std::size_t half = parts_.config.width / 2;
  const auto turns = static_cast<float>(position + parts_.config.first_position);
  for (std::size_t i = 0; i < half; ++i) {
    x[i] = std::sin(turns * frequencies_[i]);
    x[half + i] = std::cos(turns * frequencies_[i]);
  }
}

const float* Model::position_row(std::size_t position, std::vector<float>& scratch) const {
  if (position < kPositions) return positions_.data() + position * parts_.config.width;
  scratch.resize(parts_.config.width);
  put_position(position, scratch.data());
  return scratch.data();
}

void Model::embed(const Embedding& embedding, std::int32_t token, std::size_t position, float* x) const {
  const std::size_t width = parts_.config.width;
  std::vector<float> scratch;
  const float* row = position_row(position, scratch);
  if (token < 0) {
    std::copy_n(row, width, x);
    return;
  }
  const float gain = parts_.config.scaled_embedding ? std::sqrt(static_cast<float>(width)) : 1;
  std::visit(ReadRow{static_cast<std::size_t>(token), width, gain, x}, embedding);
  for (std::size_t i = 0; i < width; ++i) x[i] += row[i];
}

Affine Model::output(std::span<const std::uint32_t> targets) const {
  const auto* weights = std::get_if<QuantizedWeights>(&parts_.target);
  if (weights) return Affine(parts_.precision, *weights, parts_.output_bias, targets);
  const auto& table = std::get<ModelTensors::Table>(parts_.target);
  const std::size_t width = parts_.config.width;
  std::vector<float> rows(targets.size() * width), bias(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    table.read(targets[i], rows.data() + i * width);
    bias[i] = parts_.output_bias[targets[i]];
  }
  return Affine(parts_.precision, rows, bias, targets.size(), width);
}

const Affine& Model::full_output() const {
  std::call_once(full_output_->once, [&] {
    std::vector<std::uint32_t> all(parts_.config.target_vocabulary);
    std::iota(all.begin(), all.end(), 0u);
    full_output_->affine = output(all);
  });
  return full_output_->affine;
}

}  // namespace dragoman::marian
