#include "encode/huggingface/safetensors_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "dragoman/base/error.h"

// Whatever the bytes: InvalidData, or tensors that fill the file behind its header, each once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto tensors = dragoman::read_safetensors(std::as_bytes(std::span(data, size)), "input");
    std::vector<bool> taken(size);
    for (const auto& [name, tensor] : tensors) {
      if (tensor.offset > size || tensor.bytes > size - tensor.offset) std::abort();
      for (std::uint64_t at = tensor.offset; at < tensor.offset + tensor.bytes; ++at) {
        if (taken[at]) std::abort();
        taken[at] = true;
      }
    }
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
