#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace dragoman {

/// Appends 7 bits a byte, lowest first; the highest bit says that more follow (LEB128).
inline void put_varint(std::vector<std::uint8_t>& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

inline void put_bytes(std::vector<std::uint8_t>& out, std::string_view bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Reads what was verified: no bound is checked.
inline std::uint64_t take_varint(const std::uint8_t*& at) {
  std::uint64_t value = *at & 0x7F;
  for (int shift = 7; *at++ & 0x80; shift += 7) value |= std::uint64_t{*at & 0x7Fu} << shift;
  return value;
}

/// Reads what nobody verified yet: what is not there, or too long, makes it `failed` and gives 0.
class CheckedBytes {
 public:
  explicit CheckedBytes(std::span<const std::uint8_t> bytes) : left_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const auto byte = take(1);
      if (failed_) return 0;
      value |= std::uint64_t{byte[0] & 0x7Fu} << shift;
      if ((byte[0] & 0x80) == 0) return value;
    }
    failed_ = true;
    return 0;
  }

  std::span<const std::uint8_t> take(std::uint64_t size) {
    if (failed_ || size > left_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }

  bool failed() const { return failed_; }
  bool at_end() const { return left_.empty(); }
  std::size_t left() const { return left_.size(); }

 private:
  std::span<const std::uint8_t> left_;
  bool failed_ = false;
};

}  // namespace dragoman
