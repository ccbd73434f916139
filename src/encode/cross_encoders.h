#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/cross_encoder.h"
#include "encode/tokenize/tokenizer.h"

namespace dragoman {

struct GgufFile;
struct ModelFile;

/// A query and a passage as one input, "[CLS] query [SEP] passage [SEP]" or "<s> query </s></s> passage </s>".
struct TextPair {
  std::vector<TokenId> tokens;
  std::size_t second = 0;  ///< Where the passage begins.
  bool truncated = false;
};

/// How a model wants its pairs.
struct PairLayout {
  std::vector<TokenId> begin, between, end;
  std::size_t max_tokens = 0;

  /// Tokens left for a passage beside so many of a query.
  std::size_t room(std::size_t query_tokens) const;
  /// @param most_tokens of the passage; 0: as many as fit.
  TextPair pair(std::vector<TokenId> query, std::vector<TokenId> passage, std::size_t most_tokens) const;
};

/// Does the file have a head that gives scores?
bool has_rank_head(const GgufFile& file);

/// What a head's outputs mean. Of two, one speaks for a passage, and the log-odds of the two are the score.
struct HeadOutputs {
  std::size_t count = 1;                         ///< 1 or 2.
  std::size_t favourable = 0, unfavourable = 0;  ///< Of two.

  float score(std::span<const float> logits) const;
};

/// Which of two it is, its label says ("yes", "relevant", "LABEL_1"); without labels it is the second, as where classes
/// are numbered. @throws InvalidArgument, naming `place` and the outputs, where neither tells or there are more.
HeadOutputs head_outputs(const ModelFile& file, std::string_view place);

/// The BERT family by our own forward pass; null for other architectures.
std::unique_ptr<CrossEncoder> open_transformer_cross_encoder(const Model& model, const CrossEncoderOptions& options);

/// Any model with such a head that llama.cpp runs, pair by pair in 32 bits over the matrices as its file has them.
/// llama.cpp knows one kind of segment only, so models of the BERT family that tell two apart are better left to the
/// other.
std::unique_ptr<CrossEncoder> open_llama_cross_encoder(const Model& model, const CrossEncoderOptions& options);

/// One that asks `inner` only for what the cache in a folder has not.
std::unique_ptr<CrossEncoder> with_cache(std::unique_ptr<CrossEncoder> inner, const CrossEncoderOptions& options,
                                         std::string model);

}  // namespace dragoman
