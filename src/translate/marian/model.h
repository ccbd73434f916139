#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/precision.h"
#include "translate/marian/affine.h"
#include "translate/marian/config.h"
#include "translate/marian/model_items.h"

namespace dragoman::marian {

struct Norm {
  std::vector<float> scale, bias;
};

struct FeedForward {
  Affine up, down;
  Norm norm;
};

struct SelfAttention {
  Affine query, key, value, output;
  Norm norm;
};

struct EncoderLayer {
  SelfAttention attention;
  FeedForward feed_forward;
};

/// A layer of the decoder: a recurrent cell in place of self-attention, attention to the source, feed-forward.
struct DecoderLayer {
  Affine cell_value, cell_forget;
  Norm cell_norm;
  SelfAttention attention;
  FeedForward feed_forward;
};

/// Embeddings of one language, in 8 bits, where they lie in the file.
struct Embedding {
  QuantizedWeights rows;  ///< [vocabulary, width]
};

/// The weights of a Marian model in the layout and precision they are multiplied in. Immutable, thread-safe.
class Model {
 public:
  /// @param bytes the model file; must outlive the model, for the embeddings stay in it.
  /// @param precision f32 or int8.
  /// @throws InvalidData if the file is damaged, or a tensor is missing or has another shape; InvalidArgument naming
  ///         what cannot be run. Both name `place`.
  Model(std::span<const std::byte> bytes, Precision precision, std::string_view place);

  const MarianConfig& config() const { return config_; }
  Precision precision() const { return precision_; }
  const std::vector<EncoderLayer>& encoder() const { return encoder_; }
  const std::vector<DecoderLayer>& decoder() const { return decoder_; }
  std::size_t inner_width() const { return inner_width_; }

  /// The input of a layer stack for a token: its embedding, scaled by sqrt(width), and its position. No token (-1), as
  /// before the first of a translation, is the position alone.
  /// @param x [width]
  void embed_source(std::int32_t token, std::size_t position, float* x) const { embed(source_, token, position, x); }
  void embed_target(std::int32_t token, std::size_t position, float* x) const { embed(target_, token, position, x); }

  /// The output layer for some targets alone.
  Affine output(std::span<const std::uint32_t> targets) const;

 private:
  class Reader;
  void put_position(std::size_t position, float* x) const;
  void embed(const Embedding& embedding, std::int32_t token, std::size_t position, float* x) const;

  MarianConfig config_;
  Precision precision_;
  Embedding source_, target_;
  std::vector<float> output_bias_;
  std::vector<float> frequencies_;  ///< [width / 2]
  std::vector<float> positions_;    ///< [kPositions, width]: what most sentences need, computed once.
  std::vector<EncoderLayer> encoder_;
  std::vector<DecoderLayer> decoder_;
  std::size_t inner_width_ = 0;
};

}  // namespace dragoman::marian
