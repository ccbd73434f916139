#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// What an OpenAI-compatible server answers to POST /v1/embeddings.
struct EmbeddingsAnswer {
  std::vector<std::vector<float>> vectors;  ///< In the order of the texts; all of one dimension, all finite.
  std::optional<std::uint64_t> prompt_tokens;
};

/// Reads {"data": [{"index": 0, "embedding": [0.1, ...]}, ...], "usage": {"prompt_tokens": 5}}. An embedding may also
/// be base64 of little-endian 32-bit floats. The order of "data" is of no meaning; "index" has it.
/// @throws InvalidData naming `place` if it is no JSON, a text has no vector or two, a vector is empty, of another
///         dimension than the first, or has a number that is not finite.
EmbeddingsAnswer read_embeddings_answer(std::string_view body, std::size_t texts, std::string_view place);

/// What the body of a refusal says to people, as it came: the message of {"error": {"message": ...}} and of its
/// relatives, else the whole body.
std::string refusal_message(std::string_view body);

}  // namespace dragoman
