#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dragoman/encode/model_store.h"
#include "encode/forward/kernels.h"

namespace dragoman {

struct GgufFile;

/// The shape of an encoder of the BERT family: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers
/// for Language Understanding", NAACL 2019. Norms stand behind each half of a layer.
struct TransformerConfig {
  std::size_t layers = 0, hidden = 0, heads = 0, inner = 0;  ///< inner: width of the feed-forward layers.
  std::size_t vocabulary = 0;
  std::size_t positions = 0;    ///< Longest input, special tokens included.
  std::size_t token_types = 0;  ///< Rows of the token type table; the second is for pairs.
  float epsilon = 1e-12f;       ///< Of the norms.
  Activation activation = Activation::gelu;
  bool gated = false;              ///< down(act(gate(x)) * up(x)): Shazeer, "GLU Variants Improve Transformer", 2020.
  std::optional<Pooling> pooling;  ///< None if the file does not say.

  /// Rotary positions instead of a table: Su et al., "RoFormer", 2021. 0 for a table.
  float rotary_base = 0;
  float rotary_ntk_factor = 1;  ///< Stretches the longest waves to inputs so many times as long ("NTK-aware" scaling).
};

/// Whether the forward pass can run this file: an encoder of the BERT family.
bool is_bert_family(const GgufFile& file);

/// @throws InvalidData naming `place`, the key and what is wrong with it.
TransformerConfig read_transformer_config(const GgufFile& file, std::string_view place);

}  // namespace dragoman
