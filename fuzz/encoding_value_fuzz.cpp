#include "encode/encoding_value.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "dragoman/base/hash.h"

// Whatever lies in the cache: no value, or one that is written as it was read. The first byte says which head, the
// second its dimension; the checksum is made right, since no fuzzer would find it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const dragoman::ValueShape shape{dragoman::kHeads[data[0] % dragoman::kHeads.size()], data[1]};
  std::string value(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::uint64_t sum = dragoman::checksum("key" + value);
  value.append(reinterpret_cast<const char*>(&sum), sizeof(sum));
  dragoman::Encoding encoding;
  if (dragoman::from_value(value, shape, "key", encoding)) {
    if (dragoman::to_value(encoding, shape.head, "key") != value) std::abort();
  } else if (!encoding.dense.empty() || !encoding.sparse.empty() || !encoding.multi_vector.empty()) {
    std::abort();
  }
  return 0;
}
