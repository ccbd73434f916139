#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dragoman/encode/precision.h"
#include "encode/forward/model_tensors.h"
#include "translate/marian/affine.h"
#include "translate/marian/config.h"

namespace dragoman::marian {

struct Norm {
  std::vector<float> scale, bias;
  float epsilon = 1e-6f;  ///< Marian's, of every norm of a transformer.
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

struct RecurrentCell {
  Affine value, forget;
  Norm norm;
};

/// A layer of the decoder: what it knows of its past, attention to the source, feed-forward.
struct DecoderLayer {
  std::variant<RecurrentCell, SelfAttention> past;
  SelfAttention attention;
  FeedForward feed_forward;
};

/// Embeddings [vocabulary, width] where they lie in the file.
using Embedding = std::variant<QuantizedWeights, ModelTensors::Table>;

/// The weights of a model in the layout and precision they are multiplied in. Queries are made so much smaller that
/// scores need no division; those of the encoder also so much larger that its attention() takes powers of two.
struct ModelParts {
  MarianConfig config;
  Precision precision = Precision::f32;
  Embedding source, target;
  std::vector<float> output_bias;  ///< [target vocabulary]
  std::vector<EncoderLayer> encoder;
  std::vector<DecoderLayer> decoder;
  Norm encoder_norm, decoder_norm;  ///< Behind each stack, if config.norm_first.
};

/// The gain of queries, of a decoder's and of an encoder's attention.
float query_gain(const MarianConfig& config);
float base_two_query_gain(const MarianConfig& config);

/// The parts of a Marian model file.
/// @param bytes the file; must outlive the parts, for the embeddings stay in it.
/// @param precision f32 or int8.
/// @throws InvalidData if the file is damaged, or a tensor is missing or has another shape; InvalidArgument naming
///         what cannot be run. Both name `place`.
ModelParts read_marian_model(std::span<const std::byte> bytes, Precision precision, std::string_view place);

/// A model that can be run. Immutable, thread-safe.
class Model {
 public:
  explicit Model(ModelParts parts);

  const MarianConfig& config() const { return parts_.config; }
  Precision precision() const { return parts_.precision; }
  const std::vector<EncoderLayer>& encoder() const { return parts_.encoder; }
  const std::vector<DecoderLayer>& decoder() const { return parts_.decoder; }
  const Norm& encoder_norm() const { return parts_.encoder_norm; }
  const Norm& decoder_norm() const { return parts_.decoder_norm; }
  std::size_t inner_width() const { return inner_width_; }

  /// The input of a layer stack for a token: its embedding and its position. No token (-1), as before the first of a
  /// Marian translation, is the position alone.
  /// @param x [width]
  void embed_source(std::int32_t token, std::size_t position, float* x) const {
    embed(parts_.source, token, position, x);
  }
  void embed_target(std::int32_t token, std::size_t position, float* x) const {
    embed(parts_.target, token, position, x);
  }

  /// The output layer for some targets alone.
  Affine output(std::span<const std::uint32_t> targets) const;
  /// For all of them; made when it is first asked for, since a shortlist leaves it unused.
  const Affine& full_output() const;

 private:
  struct FullOutput {
    std::once_flag once;
    Affine affine;
  };

  const float* position_row(std::size_t position, std::vector<float>& scratch) const;
  void put_position(std::size_t position, float* x) const;
  void embed(const Embedding& embedding, std::int32_t token, std::size_t position, float* x) const;

  ModelParts parts_;
  std::vector<float> frequencies_;  ///< [width / 2]
  std::vector<float> positions_;    ///< [kPositions, width]: what most sentences need, computed once.
  std::size_t inner_width_ = 0;
  std::unique_ptr<FullOutput> full_output_;
};

}  // namespace dragoman::marian
