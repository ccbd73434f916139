#include "encode/character_map.h"

#include <algorithm>
#include <cstring>

#include "base/byte_reader.h"

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

bool CharacterMap::step(std::uint32_t& place, std::uint32_t& unit, char byte) const {
  const auto wanted = static_cast<std::uint8_t>(byte);
  const std::uint32_t child = place ^ wanted;
  if (child >= units_.size() || label(units_[child]) != wanted) return false;
  unit = units_[child];
  place = child ^ offset(unit);
  return true;
}

std::optional<std::string_view> CharacterMap::text_of(std::uint32_t place, std::uint32_t unit) const {
  if (!has_leaf(unit) || place >= units_.size()) return std::nullopt;
  const std::uint32_t start = value(units_[place]);
  if (start >= texts_.size()) return std::nullopt;
  const auto rest = std::string_view(texts_).substr(start);
  return rest.substr(0, rest.find('\0'));
}

std::optional<std::string_view> CharacterMap::find(std::string_view text) const {
  std::uint32_t unit = units_[0], place = offset(unit);
  for (const char byte : text) {
    if (!step(place, unit, byte)) return std::nullopt;
  }
  return text_of(place, unit);
}

CharacterMap::Match CharacterMap::longest_prefix(std::string_view text) const {
  Match match;
  std::uint32_t unit = units_[0], place = offset(unit);
  for (std::size_t i = 0; i < text.size() && step(place, unit, text[i]); ++i) {
    if (const auto found = text_of(place, unit)) match = {i + 1, *found};
  }
  return match;
}

bool CharacterMap::begins_entry(std::string_view text) const {
  std::uint32_t unit = units_[0], place = offset(unit);
  return std::ranges::all_of(text, [&](char byte) { return step(place, unit, byte); });
}

}  // namespace dragoman
