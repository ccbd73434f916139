#include "encode/huggingface/config_reader.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/model_json.h"

namespace dragoman {
namespace {

/// transformers' names of activations (ACT2FN), and ours. gelu is by the error function, as is gelu_python; the others
/// are one approximation by tanh.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kActivations = {
    {{"gelu", "gelu"},
     {"gelu_python", "gelu"},
     {"gelu_new", "gelu_tanh"},
     {"gelu_pytorch_tanh", "gelu_tanh"},
     {"gelu_fast", "gelu_tanh"},
     {"gelu_python_tanh", "gelu_tanh"},
     {"relu", "relu"},
     {"silu", "silu"},
     {"swish", "silu"}}};

}  // namespace

ConfigReader::ConfigReader(std::string_view json, std::string_view place)
    : json_(parse_json_object(json, place)), place_(place) {}

void ConfigReader::refuse(std::string_view reason) const { throw InvalidData(fmt::format("{}: {}", place_, reason)); }

std::string ConfigReader::text(const char* name, std::string_view otherwise) const {
  return string_member(json_, name, place_).value_or(std::string(otherwise));
}

std::uint32_t ConfigReader::size(const char* name, std::uint64_t most, std::uint64_t least,
                                 std::optional<std::uint32_t> otherwise) const {
  if (otherwise && !present(name)) return *otherwise;
  if (!present(name)) refuse(fmt::format("\"{}\" is missing", name));
  const std::uint64_t value = number_member(json_, name, place_);
  if (value < least || value > most) refuse(fmt::format("\"{}\" is {}", name, value));
  return static_cast<std::uint32_t>(value);
}

float ConfigReader::real(const Json& object, const char* name, double otherwise) const {
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return static_cast<float>(otherwise);
  if (!member->is_number()) refuse(fmt::format("\"{}\" must be a number", name));
  const auto value = member->get<double>();
  if (!std::isfinite(value) || value <= 0 || value > 1e12) refuse(fmt::format("\"{}\" is {}", name, value));
  return static_cast<float>(value);
}

bool ConfigReader::flag(const char* name, bool otherwise) const {
  if (!present(name)) return otherwise;
  if (!json_[name].is_boolean()) refuse(fmt::format("\"{}\" must be true or false", name));
  return json_[name].get<bool>();
}

std::string ConfigReader::activation(const char* member, std::string_view otherwise) const {
  const auto name = text(member, otherwise);
  for (const auto& [theirs, ours] : kActivations) {
    if (name == theirs) return std::string(ours);
  }
  refuse(fmt::format("unknown activation \"{}\"; gelu, its approximations, relu and silu can be run", printable(name)));
}

bool ConfigReader::present(const char* name) const {
  const auto member = json_.find(name);
  return member != json_.end() && !member->is_null();
}

}  // namespace dragoman
