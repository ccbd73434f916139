#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dragoman/base/hash.h"

namespace dragoman {

/// Numbers ids in the order they come in: open addressing, so that no id costs an allocation, and none is looked at
/// whose hash differs. The ids must outlive the table.
class IdTable {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// Forgets everything; up to `most` ids may come in.
  void reset(std::size_t most) {
    ids_.clear();
    ids_.reserve(most);
    slots_.assign(std::bit_ceil(2 * most + 1), Slot());
  }

  /// The number of the id, which comes in if it is new: then it is how many came before.
  std::size_t number(std::string_view id) {
    const std::uint64_t hash = checksum(id);
    Slot& slot = slots_[slot_of(id, hash)];
    if (slot.number != 0) return slot.number - 1;
    ids_.push_back(id);
    slot = {static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(ids_.size())};
    return ids_.size() - 1;
  }

  /// The number of the id, or kNone.
  std::size_t find(std::string_view id) const {
    const std::uint32_t number = slots_[slot_of(id, checksum(id))].number;
    return number == 0 ? kNone : number - 1;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  // from 1; 0: free
  };

  /// Where the id is, or where it would come.
  std::size_t slot_of(std::string_view id, std::uint64_t hash) const {
    std::size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot].number != 0 && (slots_[slot].hash != hash >> 32 || ids_[slots_[slot].number - 1] != id)) {
      slot = (slot + 1) & (slots_.size() - 1);
    }
    return slot;
  }

  std::vector<std::string_view> ids_;
  std::vector<Slot> slots_;
};

}  // namespace dragoman
