#pragma once

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "dragoman/base/error.h"

namespace dragoman {

static_assert(std::endian::native == std::endian::little, "model files are read as they lie, in little-endian order");

/// Walks over bytes that somebody else wrote. Every read is checked; what is not there throws InvalidData with the
/// place ("e5-small-q4.bin") and the offset.
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string_view place) : bytes_(bytes), place_(place) {}

  std::size_t position() const { return position_; }
  std::string_view place() const { return place_; }
  std::size_t remaining() const { return bytes_.size() - position_; }

  template <typename T>
  T read(std::string_view what) {
    static_assert(std::is_trivially_copyable_v<T> && !std::is_same_v<T, bool>);
    T value;
    std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
    return value;
  }

  std::span<const std::byte> take(std::uint64_t size, std::string_view what) {
    if (size > remaining()) {
      fail(fmt::format("{} needs {} bytes, but the file ends after {}", what, size, remaining()));
    }
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(size));
    position_ += taken.size();
    return taken;
  }

  /// `count` elements of `size` bytes; a product beyond 64 bits is refused like any other that is too large.
  std::span<const std::byte> take_array(std::uint64_t count, std::uint64_t size, std::string_view what) {
    if (size != 0 && count > remaining() / size) {
      fail(fmt::format("{} needs {} x {} bytes, but the file ends after {}", what, count, size, remaining()));
    }
    return take(count * size, what);
  }

  std::string_view text(std::uint64_t size, std::string_view what) {
    const auto taken = take(size, what);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

  [[noreturn]] void fail(std::string_view reason) const {
    throw InvalidData(fmt::format("{}: offset {}: {}", place_, position_, reason));
  }

 private:
  std::span<const std::byte> bytes_;
  std::string_view place_;
  std::size_t position_ = 0;
};

}  // namespace dragoman
