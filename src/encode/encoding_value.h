#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "dragoman/encode/encoder.h"

namespace dragoman {

/// A head by itself: what the cache keeps one value for.
enum class Head { dense, sparse, multi_vector };

inline constexpr std::array kHeads = {Head::dense, Head::sparse, Head::multi_vector};

bool& of(Heads& heads, Head head);
bool of(const Heads& heads, Head head);

/// What a value must look like to be one of this encoder's; sizes in numbers.
struct ValueShape {
  Head head = Head::dense;
  std::size_t dimension = 0;  ///< Of the dense vector; of each token vector; the end of sparse dimensions.
};

/// One head of an encoding with its token counts as bytes, and back with the same bits (docs/formats/encodings.md has
/// the layout). `key` is what the value is stored under: the checksum covers it, so that a value under another's key is
/// no value.
std::string to_value(const Encoding& encoding, Head head, std::string_view key);

/// Puts a head and the token counts into `into`. False, and nothing is changed, if the bytes are damaged, belong to
/// another key, or have another shape.
bool from_value(std::string_view value, const ValueShape& shape, std::string_view key, Encoding& into);

}  // namespace dragoman
