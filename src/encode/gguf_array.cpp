#include "encode/gguf_array.h"

#include <fmt/format.h>
#include <gguf.h>

#include <algorithm>
#include <cstring>

#include "base/byte_reader.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

[[noreturn]] void refuse_type(const GgufArray& array, std::string_view key, std::string_view place,
                              std::string_view expected) {
  throw InvalidData(
      fmt::format("{}: \"{}\" is an array of GGUF type {}, expected {}", place, key, array.type, expected));
}

/// The bytes of an array whose elements are all of `size`.
std::span<const std::byte> elements(std::span<const std::byte> bytes, const GgufArray& array, std::size_t size,
                                    std::string_view key, std::string_view place) {
  ByteReader reader(bytes, place);
  reader.take(array.offset, key);
  return reader.take_array(array.count, size, key);
}

}  // namespace

std::vector<std::string_view> read_texts(std::span<const std::byte> bytes, const GgufArray& array, std::string_view key,
                                         std::string_view place) {
  if (array.type != GGUF_TYPE_STRING) refuse_type(array, key, place, "texts");
  ByteReader reader(bytes, place);
  reader.take(array.offset, key);
  std::vector<std::string_view> texts;
  // Every text takes eight bytes at least, so no count can reserve more than the file is large.
  texts.reserve(std::min<std::uint64_t>(array.count, reader.remaining() / sizeof(std::uint64_t)));
  for (std::uint64_t i = 0; i < array.count; ++i) {
    const auto size = reader.read<std::uint64_t>(key);
    texts.push_back(reader.text(size, key));
  }
  return texts;
}

std::vector<float> read_floats(std::span<const std::byte> bytes, const GgufArray& array, std::string_view key,
                               std::string_view place) {
  if (array.type != GGUF_TYPE_FLOAT32) refuse_type(array, key, place, "32-bit floats");
  const auto taken = elements(bytes, array, sizeof(float), key, place);
  std::vector<float> values(array.count);
  if (!taken.empty()) std::memcpy(values.data(), taken.data(), taken.size());
  return values;
}

std::vector<std::int32_t> read_integers(std::span<const std::byte> bytes, const GgufArray& array, std::string_view key,
                                        std::string_view place) {
  if (array.type != GGUF_TYPE_INT32 && array.type != GGUF_TYPE_UINT32) refuse_type(array, key, place, "32-bit numbers");
  const auto taken = elements(bytes, array, sizeof(std::int32_t), key, place);
  std::vector<std::int32_t> values(array.count);
  if (!taken.empty()) std::memcpy(values.data(), taken.data(), taken.size());
  if (array.type == GGUF_TYPE_UINT32 && std::ranges::any_of(values, [](std::int32_t value) { return value < 0; })) {
    throw InvalidData(fmt::format("{}: \"{}\" has a number beyond 2,147,483,647", place, key));
  }
  return values;
}

std::string_view read_octets(std::span<const std::byte> bytes, const GgufArray& array, std::string_view key,
                             std::string_view place) {
  if (array.type != GGUF_TYPE_INT8 && array.type != GGUF_TYPE_UINT8) refuse_type(array, key, place, "8-bit numbers");
  const auto taken = elements(bytes, array, 1, key, place);
  return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

}  // namespace dragoman
