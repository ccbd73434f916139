#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "encode/huggingface/weights.h"

namespace dragoman {

/// A tensor of a safetensors file, and where its bytes lie in the file.
struct SafeTensor : Weight {
  std::uint64_t offset = 0, bytes = 0;
};

/// Reads the header of a safetensors file:
///
///     u64 header bytes   header: JSON {"NAME": {"dtype": "F16", "shape": [2, 3], "data_offsets": [from, to]}, ...}
///     data
///
/// Offsets count from the start of the data; "__metadata__" is no tensor. As the format demands, the header is at most
/// 100 MB, no name appears twice, and the tensors fill the data from end to end, without holes and without overlap.
/// @throws InvalidData naming place and tensor.
std::map<std::string, SafeTensor, std::less<>> read_safetensors(std::span<const std::byte> bytes,
                                                                std::string_view place);

}  // namespace dragoman
