#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace dragoman {

/// A dimension as the inverted index's word: its number in decimal digits.
class DimensionWord {
 public:
  explicit DimensionWord(std::uint32_t dimension)
      : size_(static_cast<std::size_t>(std::to_chars(digits_.data(), digits_.data() + digits_.size(), dimension).ptr -
                                       digits_.data())) {}

  std::string_view view() const { return {digits_.data(), size_}; }

 private:
  std::array<char, 10> digits_;
  std::size_t size_;
};

}  // namespace dragoman
