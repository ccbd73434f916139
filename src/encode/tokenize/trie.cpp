#include "encode/tokenize/trie.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

constexpr std::uint32_t kBlock = 256;

/// The first eight bytes as a number in the order of the bytes, so that few comparisons have to look at the text.
std::uint64_t head_of(std::string_view text) {
  std::array<unsigned char, 8> bytes{};
  std::memcpy(bytes.data(), text.data(), std::min(text.size(), bytes.size()));
  std::uint64_t head = 0;
  for (const unsigned char byte : bytes) head = head << 8 | byte;
  return head;
}

void sort_keys(std::vector<Trie::Key>& keys) {
  struct Ordered {
    std::uint64_t head;
    Trie::Key key;
    std::size_t place;
  };
  std::vector<Ordered> ordered;
  ordered.reserve(keys.size());
  for (const Trie::Key& key : keys) {
    if (!key.text.empty()) ordered.push_back({head_of(key.text), key, ordered.size()});
  }
  std::ranges::sort(ordered, [](const Ordered& a, const Ordered& b) {
    if (a.head != b.head) return a.head < b.head;
    const int order = a.key.text.compare(b.key.text);
    return order != 0 ? order < 0 : a.place < b.place;
  });
  keys.clear();
  for (const Ordered& next : ordered) {
    if (keys.empty() || keys.back().text != next.key.text) keys.push_back(next.key);
  }
}

}  // namespace

/// Places nodes one after another, depth first. Free units are a ring; a node with one child, as most are, takes the
/// next free unit, and one with more tries a few places before it opens a new block, so that no vocabulary takes long.
class TrieBuilder {
 public:
  TrieBuilder(std::vector<Trie::Unit>& units, const std::vector<Trie::Key>& keys) : units_(units), keys_(keys) {}

  void build() {
    add_block();
    take(Trie::kRoot);
    // Base 0 is nobody's: nodes without children keep it, and find no byte's label at its place in the first block. Nor
    // does any base lead to the root, whose own label is one that a base of 255 alone would look for there.
    units_[Trie::kRoot].word |= 0xFF;
    base_taken_[0] = base_taken_[0xFF] = true;
    if (keys_.empty()) return;
    std::vector<Range> open = {{Trie::kRoot, 0, static_cast<std::uint32_t>(keys_.size()), 0}};
    std::vector<Range> children;
    while (!open.empty()) {
      const Range range = open.back();
      open.pop_back();
      place_children(range, children);
      open.insert(open.end(), children.rbegin(), children.rend());
    }
  }

 private:
  /// A node, and the keys below it: they share their first `depth` bytes.
  struct Range {
    Trie::Node node;
    std::uint32_t begin, end, depth;
  };

  static constexpr int kTries = 48;
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint8_t label(std::uint32_t key, std::uint32_t depth) const {
    return static_cast<std::uint8_t>(keys_[key].text[depth]);
  }

  void place_children(const Range& range, std::vector<Range>& children) {
    children.clear();
    std::uint32_t begin = range.begin;
    if (keys_[begin].text.size() == range.depth) {
      units_[range.node].word |= (keys_[begin].value + 1) << Trie::kValueShift;
      ++begin;
    }
    while (begin < range.end) {
      const std::uint8_t byte = label(begin, range.depth);
      std::uint32_t end = begin + 1;
      while (end < range.end && label(end, range.depth) == byte) ++end;
      children.push_back({byte, begin, end, range.depth + 1});  // The label stands in for the node to come.
      begin = end;
    }
    if (children.empty()) return;
    const std::uint32_t base = find_base(children);
    base_taken_[base] = true;
    units_[range.node].base = base;
    for (Range& child : children) {
      const auto byte = child.node;
      child.node = base ^ byte;
      take(child.node);
      units_[child.node].word |= byte;
    }
  }

  std::uint32_t find_base(const std::vector<Range>& children) {
    const std::uint32_t first = children.front().node;
    if (free_ != kNone) {
      std::uint32_t unit = free_;
      for (int i = 0; i < kTries; ++i) {
        const std::uint32_t base = unit ^ first;
        if (!base_taken_[base] && std::ranges::all_of(children, [&](const Range& child) {
              return (units_[base ^ child.node].word & Trie::kTaken) == 0;
            })) {
          return base;
        }
        unit = next_[unit];
        if (unit == free_) break;
      }
      // These have been tried in vain; the next search begins behind them.
      free_ = unit;
    }
    const std::uint32_t block = add_block();
    return block ^ first;
  }

  std::uint32_t add_block() {
    const auto begin = static_cast<std::uint32_t>(units_.size());
    if (begin > kNone - 2 * kBlock) throw InvalidData("a vocabulary of more than four thousand million nodes");
    units_.resize(begin + kBlock);
    base_taken_.resize(begin + kBlock);
    next_.resize(begin + kBlock);
    previous_.resize(begin + kBlock);
    for (std::uint32_t unit = begin; unit < begin + kBlock; ++unit) {
      next_[unit] = unit + 1;
      previous_[unit] = unit - 1;
    }
    const std::uint32_t last = begin + kBlock - 1;
    if (free_ == kNone) {
      next_[last] = begin;
      previous_[begin] = last;
    } else {
      const std::uint32_t before = previous_[free_];
      next_[before] = begin;
      previous_[begin] = before;
      next_[last] = free_;
      previous_[free_] = last;
    }
    free_ = begin;
    return begin;
  }

  void take(std::uint32_t unit) {
    units_[unit].word |= Trie::kTaken;
    if (next_[unit] == unit) {
      free_ = kNone;
      return;
    }
    next_[previous_[unit]] = next_[unit];
    previous_[next_[unit]] = previous_[unit];
    if (free_ == unit) free_ = next_[unit];
  }

  std::vector<Trie::Unit>& units_;
  const std::vector<Trie::Key>& keys_;
  std::vector<bool> base_taken_;
  std::vector<std::uint32_t> next_, previous_;
  std::uint32_t free_ = kNone;
};

Trie::Trie(std::vector<Key> keys) {
  sort_keys(keys);
  TrieBuilder(units_, keys).build();
}

}  // namespace dragoman
