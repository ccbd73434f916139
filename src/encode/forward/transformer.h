#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "encode/forward/aligned.h"
#include "encode/forward/input_statistics.h"
#include "encode/forward/linear.h"
#include "encode/forward/model_tensors.h"
#include "encode/forward/transformer_config.h"

namespace dragoman {

/// Texts that go through the model together, one behind the other, without padding. Texts do not see one another.
struct Pack {
  std::vector<std::span<const std::int32_t>> texts;  ///< Token ids, each at least one and at most `positions`.
  std::size_t tokens = 0;                            ///< Of all texts.
  /// For pairs of texts: where the second of each begins, whose tokens are of the second type. Empty: none is.
  std::vector<std::size_t> second_segments = {};
};

/// What one thread needs to run packs; it grows to the largest one.
struct Workspace {
  AlignedVector<float> states;  ///< [tokens, hidden]: the token states after Transformer::run.
  AlignedVector<float> qkv;     ///< [tokens, 3 * hidden], where attention is in 32 bits
  AlignedVector<std::uint16_t> qkv_bf16;
  AlignedVector<float> context;  ///< [tokens, hidden]
  AlignedVector<float> inner, gate;
  AlignedVector<float> scratch;
  Rows rows;
  InputObserver* observer = nullptr;  ///< Sees the inputs of every pack, if there is one.
};

/// The forward pass of an encoder of the BERT family: token ids in, token states out. Immutable, thread-safe.
class Transformer {
 public:
  /// Reads the weights and brings them into the layout and precision they are multiplied in. The token table stays in
  /// the mapped file, which must live as long.
  /// @param statistics of each layer, for int8; or none.
  /// @throws InvalidData if a tensor is missing or has another shape; InvalidArgument if this processor cannot multiply
  ///         in that precision.
  Transformer(const TransformerConfig& config, const ModelTensors& tensors, Precision precision,
              std::span<const LayerStatistics> statistics = {});

  const TransformerConfig& config() const { return config_; }
  Precision precision() const { return precision_; }

  /// Fills workspace.states. On the calling thread alone. In int8 a text's states are the same bits in any pack.
  void run(const Pack& pack, Workspace& workspace) const;

 private:
  struct Norm {
    std::vector<float> weight, bias;
  };
  struct Layer {
    std::unique_ptr<Linear> qkv, output, up, gate, down;
    Norm attention_norm, output_norm;
  };

  Norm read_norm(const ModelTensors& tensors, const std::string& name) const;
  Layer read_layer(const ModelTensors& tensors, std::size_t number, const LayerStatistics& statistics) const;
  void embed(const Pack& pack, float* states) const;
  void observe(std::size_t layer, ColumnStatistics InputObserver::Layer::*input, std::size_t tokens,
               Workspace& workspace) const;
  void attend(const Layer& layer, const Pack& pack, Workspace& workspace) const;
  void feed_forward(const Layer& layer, std::size_t tokens, Workspace& workspace) const;
  void rotate(const Pack& pack, float* qkv) const;
  void normalise(const Norm& norm, float* states, std::size_t tokens) const;

  TransformerConfig config_;
  Precision precision_;
  bool attention_in_bf16_;
  ModelTensors::Table words_;
  std::vector<float> positions_;        ///< [positions, hidden], with the row of the first token type added.
  std::vector<float> second_type_;      ///< [hidden], the row of the second token type less that of the first.
  std::vector<float> cosines_, sines_;  ///< [positions, head dimension / 2]
  Norm embedding_norm_;
  std::vector<Layer> layers_;
};

}  // namespace dragoman
