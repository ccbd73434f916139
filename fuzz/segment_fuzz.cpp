#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/collection/segment_file.h"
#include "memory_file.h"

namespace {

constexpr std::size_t kFooterBytes = 40;
constexpr char kMagic[] = {'D', 'R', 'A', 'G', 'O', 'S', 'E', 'G'};

/// Makes magic, version and the checksum of the table of contents right: a fuzzer would never guess them.
void make_plausible(std::vector<std::uint8_t>& bytes) {
  if (bytes.size() < sizeof kMagic + kFooterBytes) return;
  std::uint8_t* footer = bytes.data() + bytes.size() - kFooterBytes;
  const std::uint64_t version = 1, body = bytes.size() - kFooterBytes;
  std::uint64_t offset;
  std::memcpy(&offset, footer, sizeof offset);
  offset %= body + 1;
  const std::uint64_t size = body - offset;
  std::memcpy(bytes.data(), kMagic, sizeof kMagic);
  const std::uint64_t checksum = dragoman::checksum(std::as_bytes(std::span(bytes).subspan(offset, size)));
  std::memcpy(footer, &offset, 8);
  std::memcpy(footer + 8, &size, 8);
  std::memcpy(footer + 16, &checksum, 8);
  std::memcpy(footer + 24, &version, 8);
  std::memcpy(footer + 32, kMagic, sizeof kMagic);
}

void read(std::span<const std::uint8_t> bytes) {
  const dragoman::fuzz::MemoryFile file(bytes);
  try {
    const dragoman::SegmentReader reader(file.path(), "dense", "s");
    std::uint32_t sum = 0;
    for (const std::byte byte : reader.section("vectors")) sum += std::to_integer<std::uint32_t>(byte);
    for (const std::uint64_t number : reader.array<std::uint64_t>("ranges")) sum += static_cast<std::uint32_t>(number);
    // Kept, so that the reads above are not optimised away.
    static volatile std::uint32_t kept;
    kept = kept + sum;
  } catch (const dragoman::InvalidData&) {
  }
}

}  // namespace

// Whatever the bytes: InvalidData, or sections that all lie inside the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  read(bytes);
  make_plausible(bytes);
  read(bytes);
  return 0;
}
