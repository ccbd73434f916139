#include "encode/gguf_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dragoman/base/error.h"
#include "encode/tokenize/tokenizer.h"

// Whatever the bytes: InvalidData, or a file whose tensors all lie inside it. Its tokenizer, if it has one, opens or is
// refused, and gives ids below its size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dragoman::GgufFile file;
  try {
    file = dragoman::read_gguf(std::as_bytes(std::span(data, size)), "input");
    for (const auto& tensor : file.tensors) {
      if (tensor.offset > size || tensor.bytes > size - tensor.offset) std::abort();
    }
  } catch (const dragoman::InvalidData&) {
    return 0;
  }
  try {
    const auto tokenizer = dragoman::open_tokenizer(file, std::as_bytes(std::span(data, size)), "input");
    for (const dragoman::TokenId id : tokenizer->tokenize("Wapi 水\xFF ab")) {
      if (id < 0 || static_cast<std::size_t>(id) >= tokenizer->vocabulary_size()) std::abort();
    }
  } catch (const dragoman::InvalidData&) {
  } catch (const dragoman::InvalidArgument&) {
  }
  try {
    dragoman::kind_of(file, "input");
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
