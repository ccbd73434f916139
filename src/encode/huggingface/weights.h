#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// Numbers of a checkpoint that a model's file can hold as they are; other tensors (positions as 64-bit integers, say)
/// may lie in a checkpoint, but nothing is made of them.
enum class WeightType { f32, f16, bf16, other };

/// Bytes of one element; 0 for other.
std::size_t bytes_of(WeightType type);

/// What a format of checkpoints calls a type of numbers.
struct WeightTypeName {
  std::string_view name;
  std::uint64_t bytes;  ///< Of one number.
  WeightType type = WeightType::other;
};

/// What a checkpoint says of one tensor. Its data lie row-major and little-endian.
struct Weight {
  WeightType type = WeightType::other;
  std::string type_name;             ///< As the checkpoint spells it, for messages: "F16", "LongStorage".
  std::vector<std::uint64_t> shape;  ///< As in PyTorch: of a matrix [rows, columns].
};

/// "[384, 384]"; "[]" for a single number.
std::string to_string(std::span<const std::uint64_t> shape);

/// Product of a shape. @throws InvalidData naming place and tensor, if it does not fit 63 bits.
std::uint64_t elements(std::span<const std::uint64_t> shape, std::string_view place, std::string_view tensor);

/// The tensors of a checkpoint by name, in whatever files they lie. Not thread-safe.
class Weights {
 public:
  virtual ~Weights() = default;
  virtual const std::map<std::string, Weight, std::less<>>& all() const = 0;
  /// Bytes of one of them, valid until the next call. Memory O(one tensor) at most.
  /// @throws InvalidData if the file turns out to be damaged.
  virtual std::span<const std::byte> data(const std::string& name) = 0;
};

std::unique_ptr<Weights> open_safetensors(const std::filesystem::path& path, std::string_view place);
std::unique_ptr<Weights> open_torch_file(const std::filesystem::path& path, std::string_view place);

/// An index's "weight_map": in which piece each tensor lies. A piece is the name of a file beside the index.
/// @throws InvalidData naming `place` and the tensor.
std::map<std::string, std::string> read_weight_map(std::string_view json, std::string_view place);

/// The checkpoint in a folder: model.safetensors, model.safetensors.index.json with its pieces, pytorch_model.bin or
/// pytorch_model.bin.index.json with its pieces; the first of these that is there.
/// @param place the folder's name in messages.
/// @throws NotFound naming the four; InvalidData naming the file that is damaged.
std::unique_ptr<Weights> open_checkpoint(const std::filesystem::path& folder, std::string_view place);

}  // namespace dragoman
