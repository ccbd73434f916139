#include "encode/forward/heads.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dragoman/base/error.h"
#include "encode/encoders.h"
#include "encode/forward/token_pooling.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kMostDenseLayers = 16;

}  // namespace

EncoderHeads::EncoderHeads(const GgufFile& file, const ModelTensors& tensors, const TransformerConfig& config,
                           std::optional<Pooling> pooling, Precision precision, const SpecialTokens& special)
    : hidden_(config.hidden),
      dense_dimension_(config.hidden),
      vector_dimension_(config.hidden),
      pooling_(pooling),
      normalise_(file.flag("dragoman.normalize").value_or(true)),
      skip_first_vector_(file.flag("dragoman.token_vector.skip_first").value_or(false)),
      sparse_(open_sparse_head(file, tensors, config, precision, special)) {
  read_dense_layers(file, tensors);
  if (tensors.has("head.token_vector.weight")) {
    const auto table = tensors.table_of_columns("head.token_vector.weight", hidden_);
    vector_dimension_ = table.rows;
    token_vector_ = make_linear(precision, tensors.matrix("head.token_vector.weight", table.rows, hidden_),
                                tensors.vector_or_zeros("head.token_vector.bias", table.rows), table.rows, hidden_);
  }
}

void EncoderHeads::read_dense_layers(const GgufFile& file, const ModelTensors& tensors) {
  const auto count = file.number("dragoman.dense.count").value_or(0);
  if (count > kMostDenseLayers) {
    throw InvalidData(
        fmt::format("{}: dragoman.dense.count: {} is more than {}", tensors.place(), count, kMostDenseLayers));
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string name = fmt::format("head.dense.{}.weight", i);
    const auto table = tensors.table_of_columns(name, dense_dimension_);
    const auto activation = file.text(fmt::format("dragoman.dense.{}.activation", i)).value_or("identity");
    if (activation != "identity" && activation != "tanh") {
      throw InvalidData(fmt::format("{}: dragoman.dense.{}.activation: '{}' is neither identity nor tanh",
                                    tensors.place(), i, activation));
    }
    // One row a text: 32 bits cost nothing here.
    dense_layers_.push_back({make_linear(Precision::f32, tensors.matrix(name, table.rows, dense_dimension_),
                                         tensors.vector_or_zeros(fmt::format("head.dense.{}.bias", i), table.rows),
                                         table.rows, dense_dimension_),
                             table.rows, activation == "tanh"});
    dense_dimension_ = table.rows;
  }
}

Heads EncoderHeads::available() const { return {pooling_.has_value(), sparse_ != nullptr, true}; }

void EncoderHeads::read(const EncodedText& text, const EncodeOptions& options, Encoding& encoding) const {
  if (options.heads.dense) encoding.dense = dense(text, options.dense_dimension);
  if (options.heads.sparse) {
    encoding.sparse = sparse_->weights(text);
    keep_heaviest(encoding.sparse, options.sparse_weights);
  }
  if (options.heads.multi_vector) encoding.multi_vector = vectors(text, options);
}

std::vector<float> EncoderHeads::dense(const EncodedText& text, std::size_t dimension) const {
  const std::size_t count = text.tokens.size();
  std::vector<float> pooled(hidden_);
  switch (pooling_.value()) {
    case Pooling::mean: {
      for (std::size_t token = 0; token < count; ++token) add(pooled.data(), text.states + token * hidden_, hidden_);
      for (float& x : pooled) x /= static_cast<float>(count);
      break;
    }
    case Pooling::cls:
      std::copy_n(text.states, hidden_, pooled.begin());
      break;
    case Pooling::last_token:
      std::copy_n(text.states + (count - 1) * hidden_, hidden_, pooled.begin());
      break;
  }
  for (const DenseLayer& layer : dense_layers_) {
    Rows row;
    row.assign(Precision::f32, pooled.data(), 1, pooled.size());
    std::vector<float> next(layer.outputs);
    layer.linear->apply(row, Then::store, next.data(), next.size());
    if (layer.tanh) std::ranges::transform(next, next.begin(), [](float x) { return std::tanh(x); });
    pooled = std::move(next);
  }
  if (normalise_ || dimension != 0) finish_dense(pooled, dimension);
  return pooled;
}

std::vector<float> EncoderHeads::vectors(const EncodedText& text, const EncodeOptions& options) const {
  const std::size_t skip = skip_first_vector_ && text.tokens.size() > 1 ? 1 : 0;
  const std::size_t count = text.tokens.size() - skip;
  const float* states = text.states + skip * hidden_;
  std::vector<float> vectors(count * vector_dimension_);
  if (token_vector_) {
    // States in 32 bits go into products in the model's precision, which Linear rounds as it needs.
    Rows rows;
    rows.assign(token_vector_->precision(), states, count, hidden_);
    token_vector_->apply(rows, Then::store, vectors.data(), vector_dimension_);
  } else {
    std::copy_n(states, vectors.size(), vectors.begin());
  }
  const auto normalise = [&] {
    for (std::size_t at = 0; at < vectors.size(); at += vector_dimension_) {
      const float squares = dot(vectors.data() + at, vectors.data() + at, vector_dimension_);
      const float scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
      for (std::size_t i = 0; i < vector_dimension_; ++i) vectors[at + i] *= scale;
    }
  };
  normalise();
  if (options.token_pooling > 1 && text.as == EncodeAs::passage) {
    vectors = pool_tokens(vectors, vector_dimension_, options.token_pooling);
    normalise();
  }
  return vectors;
}

}  // namespace dragoman
