#include "encode/forward/sparse_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "dragoman/base/error.h"
#include "encode/forward/heads.h"
#include "encode/forward/kernels.h"
#include "encode/forward/linear.h"

namespace dragoman {
namespace {

// Tokens whose latents or logits are held at a time: a block of them stays in the caches.
constexpr std::size_t kBlockTokens = 24;

/// Calls each(token, results) for the results of a linear map on every token state from `first` to `end`.
template <typename Each>
void for_each_token(const Linear& linear, const float* states, std::size_t hidden, std::size_t first, std::size_t end,
                    std::size_t outputs, const Each& each) {
  Rows rows;
  AlignedVector<float> results(std::min(kBlockTokens, end - first) * outputs);
  for (std::size_t at = first; at < end; at += kBlockTokens) {
    const std::size_t count = std::min(kBlockTokens, end - at);
    rows.assign(linear.precision(), states + at * hidden, count, hidden);
    linear.apply(rows, Then::store, results.data(), outputs);
    for (std::size_t i = 0; i < count; ++i) each(at + i, results.data() + i * outputs);
  }
}

/// The tokens of the text itself: behind the beginning and the prompt, before the end.
struct TextTokens {
  std::size_t first, end;

  TextTokens(const EncodedText& text, const SpecialTokens& special)
      : first(text.prompt_tokens), end(text.tokens.size()) {
    if (special.begin) ++first;
    if (special.end && end > 0) --end;
    first = std::min(first, end);
  }
};

class TokenWeightHead : public SparseHead {
 public:
  TokenWeightHead(const ModelTensors& tensors, const TransformerConfig& config, const SpecialTokens& special)
      : hidden_(config.hidden),
        vocabulary_(config.vocabulary),
        weight_(tensors.matrix("head.token_weight.weight", 1, hidden_)),
        bias_(tensors.vector_or_zeros("head.token_weight.bias", 1)[0]),
        special_(special) {}

  std::size_t dimension() const override { return vocabulary_; }

  std::vector<SparseWeight> weights(const EncodedText& text) const override {
    std::map<std::uint32_t, float> largest;
    const TextTokens own(text, special_);
    for (std::size_t i = own.first; i < own.end; ++i) {
      const TokenId id = text.tokens[i];
      if (id == special_.unknown || id == special_.padding || id == special_.begin || id == special_.end) continue;
      const float weight = dot(text.states + i * hidden_, weight_.data(), hidden_) + bias_;
      if (weight <= 0) continue;
      float& kept = largest[static_cast<std::uint32_t>(id)];
      kept = std::max(kept, weight);
    }
    std::vector<SparseWeight> weights;
    for (const auto& [id, weight] : largest) weights.push_back({id, weight});
    return weights;
  }

 private:
  std::size_t hidden_, vocabulary_;
  std::vector<float> weight_;
  float bias_;
  SpecialTokens special_;
};

class VocabularyHead : public SparseHead {
 public:
  VocabularyHead(const ModelTensors& tensors, const TransformerConfig& config, Precision precision)
      : hidden_(config.hidden),
        vocabulary_(config.vocabulary),
        activation_(config.activation),
        epsilon_(config.epsilon),
        transform_(make_linear(precision, tensors.matrix("head.mlm.transform.weight", hidden_, hidden_),
                               tensors.vector_or_zeros("head.mlm.transform.bias", hidden_), hidden_, hidden_)),
        norm_weight_(tensors.vector("head.mlm.norm.weight", hidden_)),
        norm_bias_(tensors.vector_or_zeros("head.mlm.norm.bias", hidden_)) {
    // Most models have one table for words that come in and words that go out.
    const bool own = tensors.has("head.mlm.output.weight");
    output_ = make_linear(precision,
                          tensors.matrix(own ? "head.mlm.output.weight" : "token_embd.weight", vocabulary_, hidden_),
                          tensors.vector_or_zeros("head.mlm.output.bias", vocabulary_), vocabulary_, hidden_);
  }

  std::size_t dimension() const override { return vocabulary_; }

  std::vector<SparseWeight> weights(const EncodedText& text) const override {
    std::vector<float> largest(vocabulary_, 0);
    const std::size_t count = text.tokens.size();
    std::vector<float> states(count * hidden_);
    for_each_token(*transform_, text.states, hidden_, 0, count, hidden_, [&](std::size_t token, float* state) {
      activate(activation_, state, hidden_);
      layer_norm(state, hidden_, norm_weight_.data(), norm_bias_.data(), epsilon_);
      std::copy_n(state, hidden_, states.data() + token * hidden_);
    });
    for_each_token(*output_, states.data(), hidden_, 0, count, vocabulary_, [&](std::size_t, const float* logits) {
      for (std::size_t i = 0; i < vocabulary_; ++i) largest[i] = std::max(largest[i], logits[i]);
    });
    std::vector<SparseWeight> weights;
    for (std::size_t i = 0; i < vocabulary_; ++i) {
      if (largest[i] > 0) weights.push_back({static_cast<std::uint32_t>(i), std::log1p(largest[i])});
    }
    return weights;
  }

 private:
  std::size_t hidden_, vocabulary_;
  Activation activation_;
  float epsilon_;
  std::unique_ptr<Linear> transform_, output_;
  std::vector<float> norm_weight_, norm_bias_;
};

class AutoencoderHead : public SparseHead {
 public:
  AutoencoderHead(const GgufFile& file, const ModelTensors& tensors, const TransformerConfig& config,
                  Precision precision, const SpecialTokens& special)
      : hidden_(config.hidden),
        latents_(tensors.table_of_columns("head.sae.weight", hidden_).rows),
        of_token_(number(file, tensors, "dragoman.sae.top_k_token")),
        of_query_(number(file, tensors, "dragoman.sae.top_k_query")),
        of_passage_(number(file, tensors, "dragoman.sae.top_k_passage")),
        encoder_(make_linear(precision, tensors.matrix("head.sae.weight", latents_, hidden_),
                             tensors.vector_or_zeros("head.sae.bias", latents_), latents_, hidden_)),
        special_(special) {}

  std::size_t dimension() const override { return latents_; }

  std::vector<SparseWeight> weights(const EncodedText& text) const override {
    std::map<std::uint32_t, float> largest;
    const TextTokens own(text, special_);
    if (own.first < own.end) {
      for_each_token(*encoder_, text.states, hidden_, own.first, own.end, latents_, [&](std::size_t, const float* z) {
        for (const auto& [latent, weight] : strongest(z)) {
          float& kept = largest[latent];
          kept = std::max(kept, weight);
        }
      });
    }
    std::vector<SparseWeight> weights;
    for (const auto& [latent, weight] : largest) weights.push_back({latent, weight});
    keep_heaviest(weights, text.as == EncodeAs::query ? of_query_ : of_passage_);
    return weights;
  }

 private:
  static std::size_t number(const GgufFile& file, const ModelTensors& tensors, std::string_view key) {
    const auto value = file.number(key);
    if (!value || *value == 0)
      throw InvalidData(fmt::format("{}: {}: missing, or not above zero", tensors.place(), key));
    return static_cast<std::size_t>(*value);
  }

  /// The strongest latents of a token, above zero; where two are equal, the one that comes first.
  std::vector<SparseWeight> strongest(const float* z) const {
    // A heap with the weakest on top: few latents are ever stronger than it, and the scan passes over the rest.
    const auto weaker = [](const SparseWeight& a, const SparseWeight& b) { return a.weight > b.weight; };
    std::vector<SparseWeight> heap;
    heap.reserve(of_token_ + 1);
    float floor = 0;
    for (std::size_t i = next_above(z, 0, latents_, floor); i < latents_; i = next_above(z, i + 1, latents_, floor)) {
      heap.push_back({static_cast<std::uint32_t>(i), z[i]});
      std::ranges::push_heap(heap, weaker);
      if (heap.size() <= of_token_) continue;
      std::ranges::pop_heap(heap, weaker);
      heap.pop_back();
      floor = heap.front().weight;
    }
    return heap;
  }

  std::size_t hidden_, latents_, of_token_, of_query_, of_passage_;
  std::unique_ptr<Linear> encoder_;
  SpecialTokens special_;
};

}  // namespace

std::unique_ptr<SparseHead> open_sparse_head(const GgufFile& file, const ModelTensors& tensors,
                                             const TransformerConfig& config, Precision precision,
                                             const SpecialTokens& special) {
  if (tensors.has("head.token_weight.weight")) return std::make_unique<TokenWeightHead>(tensors, config, special);
  if (tensors.has("head.mlm.transform.weight")) return std::make_unique<VocabularyHead>(tensors, config, precision);
  if (tensors.has("head.sae.weight")) {
    return std::make_unique<AutoencoderHead>(file, tensors, config, precision, special);
  }
  return nullptr;
}

void keep_heaviest(std::vector<SparseWeight>& weights, std::size_t count) {
  if (count == 0 || weights.size() <= count) return;
  const auto heavier = [](const SparseWeight& a, const SparseWeight& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.dimension < b.dimension;
  };
  std::ranges::nth_element(weights, weights.begin() + static_cast<std::ptrdiff_t>(count), heavier);
  weights.resize(count);
  std::ranges::sort(weights, {}, &SparseWeight::dimension);
}

}  // namespace dragoman
