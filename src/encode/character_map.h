#pragma once

#include <cstddef>
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

  /// The longest entry that `text` begins with: its bytes (0 if there is none), and what they become.
  struct Match {
    std::size_t bytes = 0;
    std::string_view text;
  };
  Match longest_prefix(std::string_view text) const;

  /// Whether any entry begins with the whole of `text`.
  bool begins_entry(std::string_view text) const;

 private:
  /// Goes one byte down from the place of a node; false if it has no such child. `unit` becomes the child.
  bool step(std::uint32_t& place, std::uint32_t& unit, char byte) const;
  /// The text of a node, if an entry ends there.
  std::optional<std::string_view> text_of(std::uint32_t place, std::uint32_t unit) const;

  std::vector<std::uint32_t> units_;
  std::string texts_;
};

}  // namespace dragoman
