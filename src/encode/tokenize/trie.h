#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dragoman {

/// Texts and a number for each, walked byte by byte: a double array after Aoe, "An Efficient Digital Search Algorithm
/// by Using a Double-Array Structure", IEEE TSE 1989, whose next node is found with exclusive-or (as Yata's darts-clone
/// does), so that no step leaves its block of 256 and none needs a check of bounds.
class Trie {
 public:
  struct Key {
    std::string_view text;
    std::uint32_t value = 0;
  };
  using Node = std::uint32_t;

  static constexpr Node kRoot = 0;
  /// Values are smaller.
  static constexpr std::uint32_t kMaxValues = (1u << 23) - 1;

  Trie() : Trie(std::vector<Key>{}) {}

  /// O(n log n) in the keys and O(n) in their bytes; about eight bytes of memory for each node. Of keys with the same
  /// text the first counts; an empty text is left out.
  explicit Trie(std::vector<Key> keys);

  /// Goes from a node to its child; false, leaving the node as it is, if it has none for this byte.
  bool step(Node& node, char byte) const {
    const auto label = static_cast<std::uint8_t>(byte);
    const Node next = units_[node].base ^ label;
    if ((units_[next].word & kLabelMask) != (kTaken | label)) return false;
    node = next;
    return true;
  }

  /// The node that a whole text leads to.
  std::optional<Node> walk(std::string_view text, Node from = kRoot) const {
    for (const char byte : text) {
      if (!step(from, byte)) return std::nullopt;
    }
    return from;
  }

  static constexpr std::uint32_t kNoValue = 0xFFFFFFFF;
  /// Of the key that ends here, or kNoValue.
  std::uint32_t value(Node node) const { return (units_[node].word >> kValueShift) - 1; }

  std::uint32_t find(std::string_view text) const {
    const auto node = walk(text);
    return node ? value(*node) : kNoValue;
  }

  /// The longest key that `text` begins with: its bytes, and its value; 0 bytes if there is none.
  struct Match {
    std::size_t bytes = 0;
    std::uint32_t value = kNoValue;
  };
  Match longest_prefix(std::string_view text) const {
    Match match;
    Node node = kRoot;
    for (std::size_t i = 0; i < text.size() && step(node, text[i]); ++i) {
      if (const auto found = value(node); found != kNoValue) match = {i + 1, found};
    }
    return match;
  }

 private:
  friend class TrieBuilder;

  // A word is, from its lowest bit: the byte that leads here (8), whether the unit is a node at all (1), the value and
  // one, or 0 for none (23). The shift of 0 less one is kNoValue.
  static constexpr std::uint32_t kTaken = 0x100, kLabelMask = 0x1FF, kValueShift = 9;

  struct Unit {
    std::uint32_t base = 0;
    std::uint32_t word = 0;
  };
  std::vector<Unit> units_;
};

}  // namespace dragoman
