#pragma once

#include <filesystem>
#include <string>

#include "dragoman/encode/precision.h"
#include "translate/marian/neural_model.h"

namespace dragoman {

/// Whether a path is a file of architecture "seq2seq". @throws InvalidData if it is a file and no GGUF.
bool is_seq2seq_model(const std::filesystem::path& path);

/// Opens a file of architecture "seq2seq" (docs/formats/model.md): what was made of a folder of Hugging Face's.
/// @param sha256 of the file, where it is known; else it is computed.
/// @throws InvalidData if the file is damaged or something is missing in it; InvalidArgument naming what cannot be run.
NeuralModel open_seq2seq_model(const std::filesystem::path& path, const std::string& sha256, Precision precision);

}  // namespace dragoman
