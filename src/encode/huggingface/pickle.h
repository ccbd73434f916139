#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// A tensor as a pickled dict of tensors describes it: a view into a storage.
struct PickledTensor {
  std::string storage_type;  ///< "FloatStorage", "HalfStorage", "BFloat16Storage", "LongStorage", ...
  std::string storage_key;   ///< Name of the storage's bytes in the archive.
  std::uint64_t storage_elements = 0;
  std::uint64_t offset = 0;  ///< Of its first element, in elements.
  std::vector<std::uint64_t> shape, stride;
};

/// Reads the pickle of a PyTorch file that holds a dict of tensors. Python's pickle is a small machine that calls any
/// function a file names; this reader knows the few that a dict of tensors needs, calls nothing, and refuses the rest
/// by name. What it makes of hostile bytes is bounded by their number.
/// @throws InvalidData naming place and offset.
std::map<std::string, PickledTensor, std::less<>> read_pickled_tensors(std::span<const std::byte> bytes,
                                                                       std::string_view place);

}  // namespace dragoman
