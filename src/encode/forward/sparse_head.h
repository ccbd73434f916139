#pragma once

#include <memory>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "encode/forward/model_tensors.h"
#include "encode/forward/transformer_config.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman {

struct EncodedText;

/// Token states in, one sparse vector out. Immutable, thread-safe.
class SparseHead {
 public:
  virtual ~SparseHead() = default;

  virtual std::size_t dimension() const = 0;

  /// Weights above zero, by ascending dimension.
  virtual std::vector<SparseWeight> weights(const EncodedText& text) const = 0;
};

/// The sparse head that a model file has; none if it has none. Three kinds are known:
///
/// - a weight a token (head.token_weight): a linear map of each state, the largest for each token id. Chen et al.,
///   "BGE M3-Embedding", ACL Findings 2024, section 3.1.
/// - logits of the vocabulary (head.mlm): log(1 + relu(logit)), the largest over the tokens. Formal et al., "SPLADE
/// v2",
///   2021, equations 1 and 6.
/// - latents of a sparse autoencoder (head.sae): each token keeps its k strongest, the text the strongest of those. Gao
/// et
///   al., "Scaling and evaluating sparse autoencoders", 2024, section 2.3.
std::unique_ptr<SparseHead> open_sparse_head(const GgufFile& file, const ModelTensors& tensors,
                                             const TransformerConfig& config, Precision precision,
                                             const SpecialTokens& special);

/// Keeps the heaviest `count` weights, the lower dimension where two are equal; 0 keeps all.
void keep_heaviest(std::vector<SparseWeight>& weights, std::size_t count);

}  // namespace dragoman
