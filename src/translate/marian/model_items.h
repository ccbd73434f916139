#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// How the numbers of an item lie in the file. The numbers are Marian's: a class of types in the upper bits, the size
/// of one in the lower.
enum class MarianType : std::uint64_t {
  int8 = 0x0101,
  float32 = 0x0404,
  intgemm8 = 0x4101  ///< int8, and behind them one float: what the weights were multiplied with before rounding.
};

/// One named tensor, or the text of the model's settings.
struct MarianItem {
  std::string name;
  MarianType type = MarianType::float32;
  std::uint64_t rows = 1, columns = 0;  ///< The last dimension is the columns, all others the rows.
  std::span<const std::byte> bytes;     ///< Of the file; begins at no particular address.

  std::uint64_t size() const { return rows * columns; }
};

/// Reads a Marian model file (".bin", version 1): counts, names, shapes, then the data of all items one behind the
/// other. Nothing is copied: `bytes` must outlive the items.
/// @throws InvalidData naming `place` and the offset if the file is damaged, cut short, or has items of a type that is
///         not read: weights in 16 bits, or arranged for one kind of processor.
std::vector<MarianItem> read_marian_items(std::span<const std::byte> bytes, std::string_view place);

}  // namespace dragoman
