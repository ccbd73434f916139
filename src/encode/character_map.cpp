#include "encode/character_map.h"

#include <cstring>

#include "encode/byte_reader.h"

namespace dragoman {
namespace {

// The fields of a unit, as darts-clone's DoubleArrayUnit packs them.
bool has_leaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
std::uint32_t value(std::uint32_t unit) { return unit & 0x7FFFFFFF; }
std::uint32_t label(std::uint32_t unit) { return unit & 0x800000FF; }
std::uint32_t offset(std::uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); }

}  // namespace

CharacterMap::CharacterMap(std::string_view bytes, std::string_view place) {
  ByteReader reader(std::as_bytes(std::span(bytes)), place);
  const auto trie_bytes = reader.read<std::uint32_t>("the size of the trie");
  if (trie_bytes == 0 || trie_bytes % sizeof(std::uint32_t) != 0) reader.fail("the trie is no whole number of units");
  const auto trie = reader.take(trie_bytes, "the trie");
  units_.resize(trie_bytes / sizeof(std::uint32_t));
  std::memcpy(units_.data(), trie.data(), trie.size());
  texts_ = reader.text(reader.remaining(), "the texts");
}

std::optional<std::string_view> CharacterMap::find(std::string_view text) const {
  std::uint32_t node = offset(units_[0]);
  std::uint32_t unit = units_[0];
  for (const char byte : text) {
    node ^= static_cast<std::uint8_t>(byte);
    if (node >= units_.size()) return std::nullopt;
    unit = units_[node];
    if (label(unit) != static_cast<std::uint8_t>(byte)) return std::nullopt;
    node ^= offset(unit);
  }
  if (!has_leaf(unit) || node >= units_.size()) return std::nullopt;
  const std::uint32_t start = value(units_[node]);
  if (start >= texts_.size()) return std::nullopt;
  const auto rest = texts_.substr(start);
  return rest.substr(0, rest.find('\0'));
}

}  // namespace dragoman
