#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "encode/gguf_file.h"

namespace dragoman {

/// Elements of arrays of a GGUF file: `bytes` are the file's, `key` names the array in messages. Every element is
/// checked against the end of the file, whatever `array` says.
/// @throws InvalidData naming `place` and `key` if the elements are of another type, or are not all there.

/// The texts lie in `bytes`.
std::vector<std::string_view> read_texts(std::span<const std::byte> bytes, const GgufArray& array, std::string_view key,
                                         std::string_view place);

/// Of 32-bit floats.
std::vector<float> read_floats(std::span<const std::byte> bytes, const GgufArray& array, std::string_view key,
                               std::string_view place);

/// Of signed or unsigned numbers of 32 bits; a number beyond the signed ones is refused.
std::vector<std::int32_t> read_integers(std::span<const std::byte> bytes, const GgufArray& array, std::string_view key,
                                        std::string_view place);

/// Of signed or unsigned numbers of 8 bits, as they lie in `bytes`.
std::string_view read_octets(std::span<const std::byte> bytes, const GgufArray& array, std::string_view key,
                             std::string_view place);

}  // namespace dragoman
