#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "encode/forward/kernels.h"

namespace dragoman {

/// The shape of a translation model that can be run: a transformer of an encoder and a decoder. Of a Marian file it
/// comes from the settings that the file carries ("special:model.yml").
struct MarianConfig {
  std::size_t encoder_layers = 0, decoder_layers = 0, heads = 0, width = 0;
  std::size_t source_vocabulary = 0, target_vocabulary = 0;
  bool one_embedding = true;  ///< Of both languages and the output, "Wemb"; else "encoder_Wemb" and "decoder_Wemb".
  Activation activation = Activation::relu;  ///< Between the feed-forward matrices.
  bool recurrent_decoder = true;  ///< What a decoder's layer knows of its past is a recurrent state (SSRU); else it
                                  ///< attends to it.
  bool norm_first = false;       ///< Each sublayer reads the norm of the states, and a norm stands behind either stack;
                                 ///< else the sum behind each sublayer is normalised.
  bool scaled_embedding = true;  ///< Embeddings are multiplied by sqrt(width).
  float frequency_steps = 0;     ///< Column i of the positions turns with 10000^(-i / frequency_steps).
  std::size_t first_position = 0;
};

/// @throws InvalidData if the text is no such settings; InvalidArgument naming the setting that cannot be run. Both
///         name `place`.
MarianConfig read_marian_config(std::string_view yaml, std::string_view place);

/// How translations are looked for, and the names of a model's files: "config.yml" of its folder.
struct MarianSettings {
  std::string model, source_vocabulary, target_vocabulary;
  std::string shortlist;        ///< Empty: none.
  std::size_t beam_size = 1;    ///< In [1, 64].
  float normalize = 0;          ///< A sum of log probabilities is divided by the length to this power.
  float word_penalty = 0;       ///< Taken off for each token.
  float max_length_factor = 3;  ///< Tokens of a translation, at most, for each of the source; > 0.
};

/// @throws InvalidData if the text is no such settings, naming `place`.
MarianSettings read_marian_settings(std::string_view yaml, std::string_view place);

}  // namespace dragoman
