#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "encode/character_map.h"
#include "encode/tokenize/trie.h"

namespace dragoman {

struct SentencePieceNormalizerOptions {
  bool add_dummy_prefix = true;          ///< A space before the text, so that its first word looks like any other.
  bool remove_extra_whitespaces = true;  ///< Of many spaces one is left, of those at the ends none.
};

/// SentencePiece's text normalisation: of what follows, the longest entry of the character map is replaced, over and
/// over; spaces become U+2581. Thread-safe.
class SentencePieceNormalizer {
 public:
  /// @param map    None: characters stay as they are.
  /// @param texts  User-defined symbols, which the map leaves alone.
  SentencePieceNormalizer(std::optional<CharacterMap> map, const SentencePieceNormalizerOptions& options,
                          std::optional<Trie> symbols);

  /// Well-formed UTF-8, whatever the bytes (of a map whose texts are); empty for a text of spaces alone. O(n).
  std::string normalize(std::string_view text) const;

 private:
  struct Piece {
    std::string_view text;
    std::size_t bytes = 0;
  };
  Piece next(std::string_view text) const;
  std::size_t skip_plain(std::string_view text, std::size_t at) const;
  bool is_plain(char32_t value) const { return value < plain_.size() && plain_[value]; }

  std::optional<CharacterMap> map_;
  SentencePieceNormalizerOptions options_;
  std::optional<Trie> symbols_;
  // Characters that stay as they are, whatever follows them; of ASCII, as long as ASCII follows.
  std::bitset<0x10000> plain_;
};

}  // namespace dragoman
