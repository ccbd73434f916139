#include "encode/gguf_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dragoman/base/error.h"

// Whatever the bytes: InvalidData, or a file whose tensors all lie inside it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto file = dragoman::read_gguf(std::as_bytes(std::span(data, size)), "input");
    for (const auto& tensor : file.tensors) {
      if (tensor.offset > size || tensor.bytes > size - tensor.offset) std::abort();
    }
    dragoman::kind_of(file, "input");
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
