#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "encode/tokenize/tokenizer.h"

namespace dragoman {

struct ScoredPieces;

/// The byte that a piece like "<0x0A>" stands for.
std::optional<std::uint8_t> byte_of_piece(std::string_view text);

/// Ids of the 256 pieces for bytes; none if the vocabulary has no piece of that kind.
/// @throws InvalidData naming `place` if it has some of them, but not all.
std::optional<std::array<TokenId, 256>> find_byte_pieces(const ScoredPieces& pieces, std::string_view place);

}  // namespace dragoman
