#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "encode/forward/linear.h"
#include "encode/forward/model_tensors.h"
#include "encode/forward/sparse_head.h"
#include "encode/forward/transformer_config.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman {

/// One text as it went through the transformer.
struct EncodedText {
  std::span<const TokenId> tokens;
  const float* states = nullptr;  ///< [tokens, hidden]
  std::size_t prompt_tokens = 0;  ///< Those of the prompt, behind the beginning token.
  EncodeAs as = EncodeAs::passage;
};

/// Token states in, representations out: what a model file has behind its last layer. Immutable, thread-safe.
class EncoderHeads {
 public:
  /// @param pooling none for a model without a dense head, as SPLADE is.
  /// @throws InvalidData if the head tensors do not fit.
  EncoderHeads(const GgufFile& file, const ModelTensors& tensors, const TransformerConfig& config,
               std::optional<Pooling> pooling, Precision precision, const SpecialTokens& special);

  Heads available() const;
  std::size_t dense_dimension() const { return pooling_ ? dense_dimension_ : 0; }
  std::size_t sparse_dimension() const { return sparse_ ? sparse_->dimension() : 0; }
  std::size_t multi_vector_dimension() const { return vector_dimension_; }

  /// Fills the representations that are asked for.
  void read(const EncodedText& text, const EncodeOptions& options, Encoding& encoding) const;

 private:
  struct DenseLayer {
    std::unique_ptr<Linear> linear;
    std::size_t outputs = 0;
    bool tanh = false;
  };

  void read_dense_layers(const GgufFile& file, const ModelTensors& tensors);
  std::vector<float> dense(const EncodedText& text, std::size_t dimension) const;
  std::vector<float> vectors(const EncodedText& text, const EncodeOptions& options) const;

  std::size_t hidden_, dense_dimension_, vector_dimension_;
  std::optional<Pooling> pooling_;
  bool normalise_ = true, skip_first_vector_ = false;
  std::vector<DenseLayer> dense_layers_;
  std::unique_ptr<Linear> token_vector_;
  std::unique_ptr<SparseHead> sparse_;
};

}  // namespace dragoman
