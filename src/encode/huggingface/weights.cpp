#include "encode/huggingface/weights.h"

#include <fmt/format.h>

#include <utility>

#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kMaxIndexBytes = std::uint64_t{64} << 20;

/// A checkpoint in pieces. "weight_map" of the index says in which piece each tensor lies.
class ShardedWeights : public Weights {
 public:
  using Open = std::unique_ptr<Weights> (*)(const std::filesystem::path&, std::string_view);

  ShardedWeights(const std::filesystem::path& index, std::string_view place, Open open) {
    if (std::filesystem::file_size(index) > kMaxIndexBytes) {
      throw InvalidData(fmt::format("{}: an index of more than {} bytes", place, kMaxIndexBytes));
    }
    const Json json = parse_json_object(read_file(index), place);
    const auto map = json.find("weight_map");
    if (map == json.end() || !map->is_object()) {
      throw InvalidData(fmt::format("{}: has no \"weight_map\"", place));
    }
    for (const auto& [name, file] : map->items()) {
      const std::string piece = file.is_string() ? file.get<std::string>() : "";
      // A piece lies beside its index, and nowhere else.
      if (piece.empty() || piece[0] == '.' || piece.find_first_of(std::string_view("/\\\0", 3)) != piece.npos) {
        throw InvalidData(fmt::format("{}: tensor \"{}\" lies in no file beside it", place, printable(name)));
      }
      auto& weights = pieces_[piece];
      if (!weights) weights = open(index.parent_path() / piece, piece);
      const auto found = weights->all().find(name);
      if (found == weights->all().end()) {
        throw InvalidData(fmt::format("{}: tensor \"{}\" is not in {}", place, printable(name), printable(piece)));
      }
      all_.emplace(name, found->second);
      piece_of_.emplace(name, weights.get());
    }
  }

  const std::map<std::string, Weight, std::less<>>& all() const override { return all_; }
  std::span<const std::byte> data(const std::string& name) override { return piece_of_.at(name)->data(name); }

 private:
  std::map<std::string, std::unique_ptr<Weights>> pieces_;
  std::map<std::string, Weight, std::less<>> all_;
  std::map<std::string, Weights*> piece_of_;
};

}  // namespace

std::size_t bytes_of(WeightType type) {
  switch (type) {
    case WeightType::f32:
      return 4;
    case WeightType::f16:
    case WeightType::bf16:
      return 2;
    case WeightType::other:
      return 0;
  }
  return 0;
}

std::string to_string(std::span<const std::uint64_t> shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

std::uint64_t elements(std::span<const std::uint64_t> shape, std::string_view place, std::string_view tensor) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 63;
  std::uint64_t product = 1;
  for (const std::uint64_t size : shape) {
    if (size != 0 && product > kMost / size) {
      throw InvalidData(
          fmt::format("{}: tensor \"{}\" has an impossible shape {}", place, printable(tensor), to_string(shape)));
    }
    product *= size;
  }
  return product;
}

std::unique_ptr<Weights> open_checkpoint(const std::filesystem::path& folder, std::string_view place) {
  std::error_code ignored;
  const auto there = [&](const char* name) { return std::filesystem::is_regular_file(folder / name, ignored); };
  if (there("model.safetensors")) return open_safetensors(folder / "model.safetensors", "model.safetensors");
  if (const char* index = "model.safetensors.index.json"; there(index)) {
    return std::make_unique<ShardedWeights>(folder / index, index, open_safetensors);
  }
  if (there("pytorch_model.bin")) return open_torch_file(folder / "pytorch_model.bin", "pytorch_model.bin");
  if (const char* index = "pytorch_model.bin.index.json"; there(index)) {
    return std::make_unique<ShardedWeights>(folder / index, index, open_torch_file);
  }
  throw NotFound(fmt::format(
      "{}: holds no weights: model.safetensors or pytorch_model.bin, or their .index.json, must be there", place));
}

}  // namespace dragoman
