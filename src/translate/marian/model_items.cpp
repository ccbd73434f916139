#include "translate/marian/model_items.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kMostItems = 1 << 20, kMostDimensions = 8;

struct Header {
  std::uint64_t name_bytes, type, dimensions, data_bytes;
};

/// What the data of an item needs at the least; the file pads it further.
std::uint64_t needed_bytes(const MarianItem& item) {
  switch (item.type) {
    case MarianType::int8:
      return item.size();
    case MarianType::float32:
      return item.size() * sizeof(float);
    case MarianType::intgemm8:
      return item.size() + sizeof(float);
  }
  return 0;
}

MarianType checked_type(std::uint64_t type, const std::string& name, const ByteReader& in) {
  switch (static_cast<MarianType>(type)) {
    case MarianType::int8:
    case MarianType::float32:
    case MarianType::intgemm8:
      return static_cast<MarianType>(type);
  }
  in.fail(
      fmt::format("item \"{}\" is of type {:#x}; float32 ({:#x}) and intgemm8 ({:#x}) can be read, so convert the "
                  "model with: marian-conv --gemm-type intgemm8",
                  printable(name), type, static_cast<std::uint64_t>(MarianType::float32),
                  static_cast<std::uint64_t>(MarianType::intgemm8)));
}

void read_shape(ByteReader& in, std::uint64_t dimensions, MarianItem& item) {
  // Every product is compared with what the file has left, so none can overflow.
  const std::uint64_t most = in.remaining();
  item.columns = 1;
  for (std::uint64_t d = 0; d < dimensions; ++d) {
    const auto size = in.read<std::int32_t>("a dimension");
    if (size <= 0) in.fail(fmt::format("item \"{}\" has a dimension of {}", printable(item.name), size));
    item.rows *= item.columns;
    item.columns = static_cast<std::uint64_t>(size);
    if (item.rows > most || item.columns > most / item.rows) {
      in.fail(fmt::format("item \"{}\" is larger than the file", printable(item.name)));
    }
  }
}

}  // namespace

std::vector<MarianItem> read_marian_items(std::span<const std::byte> bytes, std::string_view place) {
  ByteReader in(bytes, place);
  if (const auto version = in.read<std::uint64_t>("the version"); version != kVersion) {
    in.fail(fmt::format("version {}; this is no Marian model, or one of another version than {}", version, kVersion));
  }
  const auto count = in.read<std::uint64_t>("the number of items");
  if (count == 0 || count > kMostItems) in.fail(fmt::format("{} items", count));
  std::vector<Header> headers;
  const auto raw = in.take_array(count, sizeof(Header), "the items' headers");
  headers.resize(count);
  std::memcpy(headers.data(), raw.data(), raw.size());

  std::vector<MarianItem> items(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto name = in.text(headers[i].name_bytes, "a name");
    if (!name.empty() && name.back() == '\0') name.remove_suffix(1);
    items[i].name = name;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (headers[i].dimensions > kMostDimensions) in.fail(fmt::format("{} dimensions", headers[i].dimensions));
    read_shape(in, headers[i].dimensions, items[i]);
  }
  // So that the data begins at a multiple of 256 bytes.
  in.take(in.read<std::uint64_t>("the padding's size"), "the padding");
  for (std::size_t i = 0; i < count; ++i) {
    items[i].type = checked_type(headers[i].type, items[i].name, in);
    const auto data = in.take(headers[i].data_bytes, "an item");
    if (needed_bytes(items[i]) > data.size()) {
      in.fail(fmt::format("item \"{}\" has {} bytes, but its shape needs {}", printable(items[i].name), data.size(),
                          needed_bytes(items[i])));
    }
    items[i].bytes = data;
  }
  return items;
}

}  // namespace dragoman
