#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// SentencePiece's precompiled character map: a double-array trie (Yata's darts-clone) from UTF-8 to what it becomes,
/// laid out as  u32 trie bytes | u32 units[] | texts, each ended by a zero byte.
class CharacterMap {
 public:
  /// @throws InvalidData naming `place` if the sizes do not fit.
  CharacterMap(std::string_view bytes, std::string_view place);

  /// What exactly this text becomes; none if the map has no entry for it.
  std::optional<std::string_view> find(std::string_view text) const;

 private:
  std::vector<std::uint32_t> units_;
  std::string_view texts_;
};

}  // namespace dragoman
