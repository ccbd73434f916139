#include "encode/tokenize/byte_pieces.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/tokenize/unigram.h"

namespace dragoman {

std::optional<std::uint8_t> byte_of_piece(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (text.size() != 6 || !text.starts_with("<0x") || text.back() != '>') return std::nullopt;
  const auto high = kDigits.find(text[3]), low = kDigits.find(text[4]);
  if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(high << 4 | low);
}

std::optional<std::array<TokenId, 256>> find_byte_pieces(const ScoredPieces& pieces, std::string_view place) {
  std::array<TokenId, 256> ids;
  ids.fill(-1);
  bool has_any = false;
  for (std::size_t i = 0; i < pieces.texts.size(); ++i) {
    if (pieces.kinds[i] != PieceKind::byte) continue;
    const auto byte = byte_of_piece(pieces.texts[i]);
    if (!byte) {
      throw InvalidData(
          fmt::format("{}: the piece \"{}\" is said to be a byte, like \"<0x0A>\"", place, printable(pieces.texts[i])));
    }
    ids[*byte] = static_cast<TokenId>(i);
    has_any = true;
  }
  if (!has_any) return std::nullopt;
  if (const auto missing = std::ranges::find(ids, -1); missing != ids.end()) {
    throw InvalidData(
        fmt::format("{}: the vocabulary has pieces for bytes, but none for <0x{:02X}>", place, missing - ids.begin()));
  }
  return ids;
}

}  // namespace dragoman
