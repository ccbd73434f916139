#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "memory_file.h"

// Whatever the bytes, plain or compressed: InvalidData, or lines that keep to the limit and hold no line feed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 4096;
  const dragoman::fuzz::MemoryFile file({data, size});
  try {
    dragoman::LineReader reader(file.path(), kLimit);
    std::uint64_t lines = 0;
    for (std::string_view line; reader.next(line);) {
      if (line.size() > kLimit || line.find('\n') != std::string_view::npos) std::abort();
      if (reader.line_number() != ++lines) std::abort();
    }
    if (reader.bytes_read() != size || reader.bytes_total() != size) std::abort();
  } catch (const dragoman::InvalidData&) {
  }
  return 0;
}
