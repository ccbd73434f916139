#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/huggingface/text_files.h"

namespace dragoman {

/// A translation model of transformers: MarianMTModel, which OPUS-MT's models are, with a vocabulary of SentencePiece
/// for either language and one list of ids for both; or M2M100ForConditionalGeneration, which NLLB's are, with one
/// tokenizer and a token for each language.
enum class TranslatorFamily { marian, m2m };

/// What config.json and generation_config.json say.
struct TranslatorConfig {
  TranslatorFamily family = TranslatorFamily::marian;
  std::uint32_t width = 0, heads = 0, encoder_layers = 0, decoder_layers = 0, encoder_ffn = 0, decoder_ffn = 0;
  std::uint32_t vocabulary = 0;
  std::string activation;
  bool scaled_embedding = false;
  std::uint32_t start = 0, end = 0, padding = 0;
  std::vector<std::int32_t> never;  ///< Tokens that no translation holds.
  std::uint32_t beam_size = 1;
  float length_penalty = 1;

  bool norm_first() const { return family == TranslatorFamily::m2m; }
  /// Of column i of the positions' sines the frequency is 10000^(-i / frequency_steps()).
  float frequency_steps() const;
  /// fairseq's positions begin behind the padding's id.
  std::uint32_t first_position() const { return family == TranslatorFamily::m2m ? padding + 1 : 0; }
};

/// Whether a config.json is one of a sequence-to-sequence model.
bool is_sequence_to_sequence(std::string_view json, std::string_view place);

/// @throws NotFound without a config.json; InvalidData naming the file and the setting that cannot be run.
TranslatorConfig read_translator_config(const ReadText& read);

/// A language that a model has a token for.
struct LanguageToken {
  std::string tag;  ///< BCP-47.
  std::int32_t id = 0;
};

/// The vocabulary of such a model.
struct TranslatorVocabulary {
  std::vector<std::string> pieces;  ///< By id.
  std::int32_t unknown = 0;
  std::vector<std::int32_t> control;     ///< Ids that have no text: ends, padding, languages.
  std::vector<LanguageToken> languages;  ///< By id. ">>fra<<" of OPUS-MT, "fra_Latn" of NLLB, "__fr__" of M2M100.
  std::optional<std::string> tokenizer;  ///< The tokenizer.json, of the family m2m.
};

/// @throws NotFound naming the missing file; InvalidData naming the damaged one, or a vocabulary beyond the model's.
TranslatorVocabulary read_translator_vocabulary(const ReadText& read, const TranslatorConfig& config);

}  // namespace dragoman
