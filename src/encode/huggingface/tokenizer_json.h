#pragma once

#include <cstdint>
#include <string>

#include "encode/huggingface/sentence_modules.h"

namespace dragoman {

/// The tokenizer of a folder as the text of a tokenizer.json: that file as it is; else one made of BERT's vocab.txt and
/// what tokenizer_config.json says of it.
/// @param folder the part of the folder that holds the model, "" for the folder itself.
/// @param rows tokens that the model has room for.
/// @throws NotFound with the command that makes a tokenizer.json; InvalidData for a file that is none, or has more
///         tokens than the model.
std::string read_tokenizer_json(const ReadText& read, const std::string& folder, std::uint64_t rows);

}  // namespace dragoman
