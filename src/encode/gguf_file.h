#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dragoman/encode/model_store.h"

namespace dragoman {

struct GgufTensor {
  std::string name;
  std::int32_t type = 0;               ///< A ggml_type.
  std::array<std::uint64_t, 4> shape;  ///< Fastest dimension first, as in the file.
  std::uint64_t offset = 0;            ///< From the start of the file.
  std::uint64_t bytes = 0;
};

/// An array is known by where it lies: few readers need the 250,000 tokens of a vocabulary (encode/gguf_array.h).
struct GgufArray {
  std::uint32_t type = 0;    ///< A gguf_type: of its elements.
  std::uint64_t count = 0;   ///< Elements.
  std::uint64_t offset = 0;  ///< Of the first element, from the start of the file.
  std::uint64_t bytes = 0;   ///< All elements, the lengths of texts included.
};

using GgufValue = std::variant<std::uint64_t, std::int64_t, double, bool, std::string, GgufArray>;

/// What a GGUF file says of itself, without its tensors' data.
struct GgufFile {
  std::uint32_t version = 0;
  std::map<std::string, GgufValue, std::less<>> values;
  std::vector<GgufTensor> tensors;

  /// A member that is text, or an unsigned number; none if absent or of another type.
  std::optional<std::string_view> text(std::string_view key) const;
  std::optional<std::uint64_t> number(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  /// Null if absent or of another type.
  const GgufArray* array(std::string_view key) const;
};

/// Reads the header of a GGUF file (versions 2 and 3) and checks that all its tensors lie inside the file, as ggml lays
/// them out. Unlike ggml's own reader it says where a file is wrong, writes nothing to standard error, and does not
/// copy the vocabulary.
/// @throws InvalidData naming `place` and the offset.
GgufFile read_gguf(std::span<const std::byte> bytes, std::string_view place);

/// What the file is good for.
/// @param pooling what the user says of it: a causal model that carries no pooling is an encoder with it, too.
/// @throws InvalidData if it is none of the kinds: an adapter, an image model, one piece of a split model.
ModelKind kind_of(const GgufFile& file, std::string_view place, std::optional<Pooling> pooling = std::nullopt);

}  // namespace dragoman
