#include "encode/gguf_file.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "base/byte_reader.h"
#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/huggingface/translator_import.h"
#include "encode/marian_package.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kMaxKeyBytes = 65535;  // The specification's limit (2^16 - 1).

/// Bytes of one element of a fixed size, 0 for strings, arrays and what is not known.
std::uint64_t element_bytes(std::uint32_t type) {
  switch (type) {
    case GGUF_TYPE_UINT8:
    case GGUF_TYPE_INT8:
    case GGUF_TYPE_BOOL:
      return 1;
    case GGUF_TYPE_UINT16:
    case GGUF_TYPE_INT16:
      return 2;
    case GGUF_TYPE_UINT32:
    case GGUF_TYPE_INT32:
    case GGUF_TYPE_FLOAT32:
      return 4;
    case GGUF_TYPE_UINT64:
    case GGUF_TYPE_INT64:
    case GGUF_TYPE_FLOAT64:
      return 8;
    default:
      return 0;
  }
}

std::string_view read_text(ByteReader& reader, std::string_view what) {
  const auto size = reader.read<std::uint64_t>(what);
  return reader.text(size, what);
}

GgufValue read_array(ByteReader& reader, const std::string& key) {
  const auto type = reader.read<std::uint32_t>(key);
  const auto count = reader.read<std::uint64_t>(key);
  const std::uint64_t offset = reader.position();
  if (type == GGUF_TYPE_STRING) {
    // Every string takes at least its length, so a hostile count ends the loop at the end of the file.
    for (std::uint64_t i = 0; i < count; ++i) read_text(reader, key);
  } else if (const auto size = element_bytes(type); size != 0) {
    reader.take_array(count, size, key);
  } else {
    reader.fail(fmt::format("\"{}\" is an array of unknown type {}", key, type));
  }
  return GgufArray{.type = type, .count = count, .offset = offset, .bytes = reader.position() - offset};
}

GgufValue read_value(ByteReader& reader, const std::string& key) {
  const auto type = reader.read<std::uint32_t>(key);
  switch (type) {
    case GGUF_TYPE_UINT8:
      return std::uint64_t{reader.read<std::uint8_t>(key)};
    case GGUF_TYPE_UINT16:
      return std::uint64_t{reader.read<std::uint16_t>(key)};
    case GGUF_TYPE_UINT32:
      return std::uint64_t{reader.read<std::uint32_t>(key)};
    case GGUF_TYPE_UINT64:
      return reader.read<std::uint64_t>(key);
    case GGUF_TYPE_INT8:
      return std::int64_t{reader.read<std::int8_t>(key)};
    case GGUF_TYPE_INT16:
      return std::int64_t{reader.read<std::int16_t>(key)};
    case GGUF_TYPE_INT32:
      return std::int64_t{reader.read<std::int32_t>(key)};
    case GGUF_TYPE_INT64:
      return reader.read<std::int64_t>(key);
    case GGUF_TYPE_FLOAT32:
      return double{reader.read<float>(key)};
    case GGUF_TYPE_FLOAT64:
      return reader.read<double>(key);
    case GGUF_TYPE_BOOL:
      return reader.read<std::uint8_t>(key) != 0;
    case GGUF_TYPE_STRING:
      return std::string(read_text(reader, key));
    case GGUF_TYPE_ARRAY:
      return read_array(reader, key);
    default:
      reader.fail(fmt::format("\"{}\" has unknown type {}", key, type));
  }
}

void read_header(ByteReader& reader, GgufFile& file, std::uint64_t& tensors, std::uint64_t& values) {
  if (reader.text(4, "the magic number") != "GGUF") {
    throw InvalidData(fmt::format("{}: not a GGUF file (it does not begin with \"GGUF\")", reader.place()));
  }
  file.version = reader.read<std::uint32_t>("the version");
  if (file.version < 2 || file.version > GGUF_VERSION) {
    throw InvalidData(
        fmt::format("{}: GGUF version {}; versions 2 to {} can be read", reader.place(), file.version, GGUF_VERSION));
  }
  tensors = reader.read<std::uint64_t>("the number of tensors");
  values = reader.read<std::uint64_t>("the number of keys");
}

void read_values(ByteReader& reader, GgufFile& file, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto size = reader.read<std::uint64_t>("a key");
    if (size == 0 || size > kMaxKeyBytes) reader.fail(fmt::format("a key of {} bytes", size));
    std::string key(reader.text(size, "a key"));
    GgufValue value = read_value(reader, printable(key));
    if (!file.values.emplace(std::move(key), std::move(value)).second) reader.fail("a key appears twice");
  }
}

std::uint64_t alignment_of(const ByteReader& reader, const GgufFile& file) {
  if (!file.values.contains(GGUF_KEY_GENERAL_ALIGNMENT)) return GGUF_DEFAULT_ALIGNMENT;
  const auto alignment = file.number(GGUF_KEY_GENERAL_ALIGNMENT).value_or(0);
  if (!std::has_single_bit(alignment) || alignment > std::numeric_limits<std::uint32_t>::max()) {
    reader.fail("\"general.alignment\" is not a power of two");
  }
  return alignment;
}

/// Shape, type and size of one tensor; its offset still counts from the start of the data.
GgufTensor read_tensor(ByteReader& reader) {
  GgufTensor tensor;
  tensor.name = read_text(reader, "a tensor's name");
  const std::string name = printable(tensor.name);
  if (tensor.name.size() >= GGML_MAX_NAME) reader.fail(fmt::format("tensor \"{}\": its name is too long", name));

  const auto dimensions = reader.read<std::uint32_t>(name);
  if (dimensions > GGML_MAX_DIMS) reader.fail(fmt::format("tensor \"{}\" has {} dimensions", name, dimensions));
  tensor.shape.fill(1);
  std::uint64_t elements = 1;
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    const auto length = reader.read<std::uint64_t>(name);
    if (length == 0 || elements > std::numeric_limits<std::int64_t>::max() / length) {
      reader.fail(fmt::format("tensor \"{}\" has an impossible shape", name));
    }
    tensor.shape[i] = length;
    elements *= length;
  }

  tensor.type = reader.read<std::int32_t>(name);
  const auto type = static_cast<ggml_type>(tensor.type);
  const std::int64_t block = tensor.type >= 0 && tensor.type < GGML_TYPE_COUNT ? ggml_blck_size(type) : 0;
  if (block == 0) reader.fail(fmt::format("tensor \"{}\" has unknown type {}", name, tensor.type));
  const auto block_elements = static_cast<std::uint64_t>(block);
  if (tensor.shape[0] % block_elements != 0) {
    reader.fail(fmt::format("tensor \"{}\": rows of {} are no whole blocks of {}", name, tensor.shape[0], block));
  }
  const std::uint64_t blocks = elements / block_elements;
  if (blocks > std::numeric_limits<std::int64_t>::max() / ggml_type_size(type)) {
    reader.fail(fmt::format("tensor \"{}\" has an impossible size", name));
  }
  tensor.bytes = blocks * ggml_type_size(type);
  tensor.offset = reader.read<std::uint64_t>(name);
  return tensor;
}

}  // namespace

std::optional<std::string_view> GgufFile::text(std::string_view key) const {
  const auto found = values.find(key);
  if (found == values.end() || !std::holds_alternative<std::string>(found->second)) return std::nullopt;
  return std::get<std::string>(found->second);
}

std::optional<std::uint64_t> GgufFile::number(std::string_view key) const {
  const auto found = values.find(key);
  if (found == values.end()) return std::nullopt;
  if (const auto* value = std::get_if<std::uint64_t>(&found->second)) return *value;
  const auto* value = std::get_if<std::int64_t>(&found->second);
  if (value == nullptr || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::optional<bool> GgufFile::flag(std::string_view key) const {
  const auto found = values.find(key);
  if (found == values.end() || !std::holds_alternative<bool>(found->second)) return std::nullopt;
  return std::get<bool>(found->second);
}

const GgufArray* GgufFile::array(std::string_view key) const {
  const auto found = values.find(key);
  return found == values.end() ? nullptr : std::get_if<GgufArray>(&found->second);
}

GgufFile read_gguf(std::span<const std::byte> bytes, std::string_view place) {
  ByteReader reader(bytes, place);
  GgufFile file;
  std::uint64_t tensors = 0, values = 0;
  read_header(reader, file, tensors, values);
  read_values(reader, file, values);
  const std::uint64_t alignment = alignment_of(reader, file);

  std::unordered_set<std::string> names;
  for (std::uint64_t i = 0; i < tensors; ++i) {
    file.tensors.push_back(read_tensor(reader));
    const std::string& name = file.tensors.back().name;
    if (!names.insert(name).second) reader.fail(fmt::format("tensor \"{}\" appears twice", printable(name)));
  }

  // ggml lays tensors one after another, each on a boundary, and refuses any other order; so does this.
  const auto padded = [&](std::uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
  const std::uint64_t data = padded(reader.position());
  std::uint64_t expected = 0;
  for (GgufTensor& tensor : file.tensors) {
    if (tensor.offset != expected) {
      throw InvalidData(fmt::format("{}: tensor \"{}\" is said to lie at {} of the data, but belongs at {}", place,
                                    printable(tensor.name), tensor.offset, expected));
    }
    if (data > bytes.size() || tensor.bytes > bytes.size() - data ||
        tensor.offset > bytes.size() - data - tensor.bytes) {
      throw InvalidData(fmt::format("{}: cut short: tensor \"{}\" needs {} bytes at {}, but the file has {}", place,
                                    printable(tensor.name), tensor.bytes, data + tensor.offset, bytes.size()));
    }
    expected += padded(tensor.bytes);
    tensor.offset += data;
  }
  return file;
}

ModelKind kind_of(const GgufFile& file, std::string_view place, std::optional<Pooling> given) {
  const auto refuse = [&](std::string_view reason) { throw InvalidData(fmt::format("{}: {}", place, reason)); };
  const auto architecture = file.text("general.architecture").value_or("");
  if (architecture.empty()) refuse("names no architecture (\"general.architecture\"), so it is not a model");
  if (const auto type = file.text("general.type").value_or("model"); type != "model") {
    refuse(fmt::format("is of type \"{}\", not a whole model", printable(type)));
  }
  if (const auto pieces = file.number("split.count").value_or(1); pieces > 1) {
    refuse(fmt::format("is one of {} pieces of a model; join them with: llama-gguf-split --merge", pieces));
  }
  if (file.tensors.empty()) refuse("holds a vocabulary, but no weights");

  static constexpr std::array kEncoders = {"bert",         "modern-bert",  "nomic-bert", "nomic-bert-moe",  "neo-bert",
                                           "jina-bert-v2", "jina-bert-v3", "eurobert",   "gemma-embedding", "t5encoder",
                                           "llama-embed",  "gte"};
  if (architecture == kMarianArchitecture || architecture == kTranslatorArchitecture) return ModelKind::translator;
  // No text comes out of these by taking one token after another.
  static constexpr std::array kNeither = {"clip", "wavtokenizer-dec", "t5", "dream", "llada", "llada-moe", "rnd1"};
  if (std::ranges::find(kNeither, architecture) != kNeither.end()) {
    refuse(fmt::format("architecture \"{}\" is neither a text encoder nor a causal language model", architecture));
  }

  const auto pooling = file.number(fmt::format("{}.pooling_type", architecture));
  constexpr std::uint64_t kNoPooling = 0, kRank = 4;  // llama.cpp's LLAMA_POOLING_TYPE_*.
  if (std::ranges::find(kEncoders, architecture) != kEncoders.end()) {
    return pooling == kRank ? ModelKind::cross_encoder : ModelKind::encoder;
  }
  // A causal model that was trained to embed pools its tokens; one that was trained to rank still has its vocabulary.
  if (given || (pooling && *pooling != kNoPooling && *pooling != kRank)) return ModelKind::encoder;
  if (!file.text("tokenizer.ggml.model")) refuse("has no tokenizer, so it does not read text");
  return ModelKind::language_model;
}

}  // namespace dragoman
