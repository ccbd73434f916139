#include "encode/huggingface/torch_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dragoman/base/error.h"
#include "encode/huggingface/pickle.h"

// Whatever the bytes, as a whole archive and as its pickle alone: InvalidData, or tensors that can all be read and are
// as long as their shapes say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    dragoman::read_pickled_tensors(bytes, "input");
  } catch (const dragoman::InvalidData&) {
  }
  try {
    const dragoman::TorchFile file(bytes, "input");
    for (const auto& [name, weight] : file.all()) {
      const auto read = file.read(name);
      const auto count = dragoman::elements(weight.shape, "input", name);
      if (weight.type != dragoman::WeightType::other && read.size() != count * bytes_of(weight.type)) std::abort();
    }
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
