#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace dragoman {

/// The words a thread has seen last and what became of them. A word has one place, where the next one with the same
/// hash takes over, so looking up and storing are a few instructions. 1 MiB. Not thread-safe.
class WordCache {
 public:
  static constexpr std::size_t kCapacity = 58;  ///< Bytes of a word and its result together.

  WordCache() : slots_(std::make_unique<std::array<Slot, kSlots>>()) {}

  /// What became of `word` under `pipeline`; a view of size 0 and no data if it is not known.
  std::string_view find(std::uint32_t pipeline, std::string_view word) const {
    const Slot& slot = (*slots_)[place(pipeline, word)];
    if (slot.pipeline != pipeline || slot.word_size != word.size() ||
        std::memcmp(slot.bytes.data(), word.data(), word.size()) != 0) {
      return {};
    }
    return {slot.bytes.data() + slot.word_size, slot.result_size};
  }

  /// @param pipeline above 0. Longer words than fit are not kept.
  void keep(std::uint32_t pipeline, std::string_view word, std::string_view result) {
    if (word.size() + result.size() > kCapacity) return;
    Slot& slot = (*slots_)[place(pipeline, word)];
    slot.pipeline = pipeline;
    slot.word_size = static_cast<std::uint8_t>(word.size());
    slot.result_size = static_cast<std::uint8_t>(result.size());
    std::memcpy(slot.bytes.data(), word.data(), word.size());
    std::memcpy(slot.bytes.data() + word.size(), result.data(), result.size());
  }

 private:
  static constexpr std::size_t kSlots = std::size_t{1} << 14;
  struct Slot {
    std::uint32_t pipeline = 0;
    std::uint8_t word_size = 0;
    std::uint8_t result_size = 0;
    std::array<char, kCapacity> bytes;
  };

  /// Multiplies eight bytes at a time; only speed depends on how well it scatters.
  static std::size_t place(std::uint32_t pipeline, std::string_view word) {
    constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio.
    std::uint64_t hash = pipeline * kFactor + word.size();
    const char* at = word.data();
    std::size_t left = word.size();
    for (; left >= 8; at += 8, left -= 8) {
      std::uint64_t bytes;
      std::memcpy(&bytes, at, 8);
      hash = (hash ^ bytes) * kFactor;
      hash ^= hash >> 32;
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, at, left);
    hash = (hash ^ rest) * kFactor;
    return hash >> (64 - 14);
  }

  std::unique_ptr<std::array<Slot, kSlots>> slots_;
};

}  // namespace dragoman
