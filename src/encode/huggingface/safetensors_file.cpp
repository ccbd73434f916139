#include "encode/huggingface/safetensors_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/byte_reader.h"
#include "base/json.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // The format's own limit.
constexpr int kMaxDepth = 8;                            // A tensor's shape lies three levels deep.

constexpr std::array kTypes = {WeightTypeName{"F32", 4, WeightType::f32},
                               WeightTypeName{"F16", 2, WeightType::f16},
                               WeightTypeName{"BF16", 2, WeightType::bf16},
                               WeightTypeName{"F64", 8},
                               WeightTypeName{"C64", 8},
                               WeightTypeName{"I64", 8},
                               WeightTypeName{"U64", 8},
                               WeightTypeName{"I32", 4},
                               WeightTypeName{"U32", 4},
                               WeightTypeName{"I16", 2},
                               WeightTypeName{"U16", 2},
                               WeightTypeName{"I8", 1},
                               WeightTypeName{"U8", 1},
                               WeightTypeName{"BOOL", 1},
                               WeightTypeName{"F8_E4M3", 1},
                               WeightTypeName{"F8_E5M2", 1}};

[[noreturn]] void fail(std::string_view place, std::string_view tensor, std::string_view reason) {
  throw InvalidData(fmt::format("{}: tensor \"{}\" {}", place, printable(tensor), reason));
}

/// A name that appears twice would silently become its last tensor.
Json parse_header(std::string_view text, std::string_view place) {
  std::set<std::string> names;
  Json header;
  try {
    header = Json::parse(text, [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth > kMaxDepth) throw InvalidData(fmt::format("{}: the header is nested too deep", place));
      if (depth == 1 && event == Json::parse_event_t::key && !names.insert(parsed.get<std::string>()).second) {
        fail(place, parsed.get<std::string>(), "appears twice in the header");
      }
      return true;
    });
  } catch (const nlohmann::json::exception& error) {
    throw InvalidData(fmt::format("{}: the header is not valid JSON: {}", place, printable(error.what(), 200)));
  }
  if (!header.is_object()) throw InvalidData(fmt::format("{}: the header is no JSON object", place));
  return header;
}

std::vector<std::uint64_t> numbers(const Json& tensor, const char* member, std::string_view place,
                                   std::string_view name) {
  const auto found = tensor.find(member);
  const bool good = found != tensor.end() && found->is_array() &&
                    std::ranges::all_of(*found, [](const Json& each) { return each.is_number_unsigned(); });
  if (!good) fail(place, name, fmt::format("has no \"{}\" that is a list of whole numbers", member));
  return found->get<std::vector<std::uint64_t>>();
}

SafeTensor read_tensor(const Json& json, std::string_view name, std::uint64_t data_bytes, std::string_view place) {
  if (!json.is_object()) fail(place, name, "is not described by a JSON object");
  SafeTensor tensor;
  const auto type = json.find("dtype");
  if (type == json.end() || !type->is_string()) fail(place, name, "has no \"dtype\"");
  tensor.type_name = type->get<std::string>();
  const auto known = std::ranges::find(kTypes, tensor.type_name, &WeightTypeName::name);
  if (known == kTypes.end()) fail(place, name, fmt::format("has unknown dtype \"{}\"", printable(tensor.type_name)));
  tensor.type = known->type;
  tensor.shape = numbers(json, "shape", place, name);

  const auto offsets = numbers(json, "data_offsets", place, name);
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_bytes) {
    fail(place, name, fmt::format("lies at {} of {} bytes of data", to_string(offsets), data_bytes));
  }
  tensor.offset = offsets[0];
  tensor.bytes = offsets[1] - offsets[0];
  const std::uint64_t count = elements(tensor.shape, place, name);
  if (tensor.bytes % known->bytes != 0 || tensor.bytes / known->bytes != count) {
    fail(place, name,
         fmt::format("has {} bytes, which are not {} of {}", tensor.bytes, to_string(tensor.shape), tensor.type_name));
  }
  return tensor;
}

class SafetensorsFile : public Weights {
 public:
  SafetensorsFile(const std::filesystem::path& path, std::string_view place)
      : mapped_(path), tensors_(read_safetensors(mapped_.bytes(), place)) {
    for (const auto& [name, tensor] : tensors_) all_.emplace(name, tensor);
  }
  const std::map<std::string, Weight, std::less<>>& all() const override { return all_; }
  std::span<const std::byte> data(const std::string& name) override {
    const SafeTensor& tensor = tensors_.at(name);
    return mapped_.bytes().subspan(tensor.offset, tensor.bytes);
  }

 private:
  MappedFile mapped_;
  std::map<std::string, SafeTensor, std::less<>> tensors_;
  std::map<std::string, Weight, std::less<>> all_;
};

}  // namespace

std::map<std::string, SafeTensor, std::less<>> read_safetensors(std::span<const std::byte> bytes,
                                                                std::string_view place) {
  ByteReader reader(bytes, place);
  const auto header_bytes = reader.read<std::uint64_t>("the header's size");
  if (header_bytes > kMaxHeaderBytes) {
    throw InvalidData(fmt::format("{}: not a safetensors file (its header would have {} bytes; {} are the most)", place,
                                  header_bytes, kMaxHeaderBytes));
  }
  const std::string_view text = reader.text(header_bytes, "the header");
  const std::uint64_t data_bytes = reader.remaining();
  if (!text.starts_with('{')) {
    throw InvalidData(fmt::format("{}: not a safetensors file (its header does not begin with '{{')", place));
  }
  const Json header = parse_header(text, place);

  std::map<std::string, SafeTensor, std::less<>> tensors;
  std::vector<std::pair<std::uint64_t, const std::string*>> by_offset;
  for (const auto& [name, description] : header.items()) {
    if (name == "__metadata__") continue;
    const auto added = tensors.emplace(name, read_tensor(description, name, data_bytes, place)).first;
    by_offset.emplace_back(added->second.offset, &added->first);
  }
  std::ranges::sort(by_offset, [&](const auto& a, const auto& b) {
    // An empty tensor lies before whatever begins at the same place.
    return std::pair(a.first, tensors.find(*a.second)->second.bytes) <
           std::pair(b.first, tensors.find(*b.second)->second.bytes);
  });
  std::uint64_t expected = 0;
  for (const auto& [offset, name] : by_offset) {
    if (offset != expected) {
      fail(place, *name, fmt::format("begins at {} of the data, but the one before it ends at {}", offset, expected));
    }
    expected += tensors.find(*name)->second.bytes;
  }
  if (expected != data_bytes) {
    throw InvalidData(fmt::format("{}: the tensors end at {} of {} bytes of data", place, expected, data_bytes));
  }
  const std::uint64_t data = sizeof(std::uint64_t) + header_bytes;
  for (auto& [name, tensor] : tensors) tensor.offset += data;
  return tensors;
}

std::unique_ptr<Weights> open_safetensors(const std::filesystem::path& path, std::string_view place) {
  return std::make_unique<SafetensorsFile>(path, place);
}

}  // namespace dragoman
