#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// How a checkpoint spells its tensors, and what it computes.
enum class ModelFamily {
  bert,        ///< BERT, MiniLM, LaBSE, mE5-small.
  roberta,     ///< RoBERTa, XLM-R, mE5, BGE-M3: BERT whose positions begin behind the padding's number.
  distilbert,  ///< BERT without token types, under other names.
  gte,         ///< GTE-multilingual's "NewModel": rotary positions, gated feed-forward layers.
};

/// What config.json says of a model, checked.
struct ModelConfig {
  ModelFamily family = ModelFamily::bert;
  std::string model_type;  ///< As it is spelled there: "xlm-roberta".
  std::uint32_t hidden = 0, layers = 0, heads = 0, ffn = 0, vocabulary = 0, types = 0;
  std::uint32_t position_rows = 0;      ///< Rows of the table of positions; 0 for rotary positions.
  std::uint32_t skipped_positions = 0;  ///< Of those, the first rows that no token ever gets.
  std::uint32_t context = 0;            ///< Longest input.
  float epsilon = 0;
  std::string activation;             ///< "gelu", "gelu_tanh", "relu" or "silu".
  float rope_base = 0;                ///< Rotary positions only, with the three below.
  std::string rope_scaling = "none";  ///< Or "ntk".
  float rope_factor = 1;
  bool packed_qkv = false;
  bool masked_language_model = false;  ///< Its architectures name a ...ForMaskedLM.
  bool token_classification = false;   ///< ... a NewForTokenClassification: one weight a token.
  bool tied = true;                    ///< The masked language model's output matrix is the table of tokens.
};

/// @throws InvalidData naming `place` and what cannot be run: another kind of model, of positions, of activation, a
///         decoder, a cross-encoder, sizes that make no sense.
ModelConfig read_model_config(std::string_view json, std::string_view place);

}  // namespace dragoman
