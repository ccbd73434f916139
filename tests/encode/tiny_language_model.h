#pragma once

#include <cstdint>
#include <filesystem>

namespace dragoman::test {

/// Writes a language model small enough to be made in a test: two layers of the llama architecture, 64 wide, with
/// weights from a seed, a token a byte (and "Yes", "No"), the chat format of <|im_start|> and <|im_end|>, and a context
/// of 2,048 tokens. It knows nothing, but has an opinion on everything.
/// @param matrix_type a ggml_type: of the layers' matrices.
void write_tiny_language_model(const std::filesystem::path& path, std::uint64_t seed, std::int32_t matrix_type);

}  // namespace dragoman::test
