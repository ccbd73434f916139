#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/base/hash.h"

namespace dragoman {

/// Numbers words in the order of their first occurrence, from 0. Open addressing; the words lie in one buffer.
class TermTable {
 public:
  /// The number of `term`, a new one if it was not there.
  std::uint32_t number(std::string_view term) {
    if (2 * (begins_.size() + 1) > slots_.size()) grow();
    const std::uint64_t hash = checksum(term);
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      Slot& slot = slots_[at];
      if (slot.number == kFree) {
        slot = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(begins_.size())};
        begins_.push_back(bytes_.size());
        bytes_.insert(bytes_.end(), term.begin(), term.end());
        return slot.number;
      }
      if (slot.hash == static_cast<std::uint32_t>(hash >> 32) && this->term(slot.number) == term) return slot.number;
    }
  }

  std::size_t size() const { return begins_.size(); }

  std::string_view term(std::uint32_t number) const {
    const std::size_t end = number + 1 < begins_.size() ? begins_[number + 1] : bytes_.size();
    return {bytes_.data() + begins_[number], end - begins_[number]};
  }

  std::size_t memory() const {
    return bytes_.capacity() + begins_.capacity() * sizeof(begins_[0]) + slots_.capacity() * sizeof(Slot);
  }

 private:
  static constexpr std::uint32_t kFree = ~std::uint32_t{0};
  struct Slot {
    std::uint32_t hash = 0, number = kFree;
  };

  std::size_t mask() const { return slots_.size() - 1; }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 1024 : 2 * slots_.size());
    std::swap(old, slots_);
    for (const Slot& slot : old) {
      if (slot.number == kFree) continue;
      std::size_t at = checksum(term(slot.number)) & mask();
      while (slots_[at].number != kFree) at = (at + 1) & mask();
      slots_[at] = slot;
    }
  }

  std::vector<char> bytes_;
  std::vector<std::uint64_t> begins_;
  std::vector<Slot> slots_;
};

}  // namespace dragoman
