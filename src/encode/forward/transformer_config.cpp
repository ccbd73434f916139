#include "encode/forward/transformer_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "encode/gguf_file.h"

namespace dragoman {
namespace {

/// GGUF's numbers for kinds of pooling (LLAMA_POOLING_TYPE_*).
enum PoolingType : std::uint64_t { pooling_mean = 1, pooling_cls = 2, pooling_last = 3, pooling_rank = 4 };

/// Values under the architecture's own prefix.
class ConfigReader {
 public:
  ConfigReader(const GgufFile& file, std::string_view place)
      : file_(file), place_(place), architecture_(file.text("general.architecture").value_or("")) {}

  std::string_view architecture() const { return architecture_; }

  [[noreturn]] void fail(std::string_view key, std::string_view what) const {
    throw InvalidData(fmt::format("{}: {}.{}: {}", place_, architecture_, key, what));
  }

  std::optional<std::string_view> text(std::string_view key) const { return file_.text(full(key)); }

  std::size_t size(std::string_view key, std::size_t most) const {
    const auto value = file_.number(full(key));
    if (!value) fail(key, "missing, or not a whole number");
    if (*value == 0 || *value > most) fail(key, fmt::format("{} is not from 1 to {}", *value, most));
    return static_cast<std::size_t>(*value);
  }

  float real(std::string_view key, std::optional<float> fallback, float least, float most) const {
    const auto found = file_.values.find(full(key));
    if (found == file_.values.end() && fallback) return *fallback;
    const double* value = found == file_.values.end() ? nullptr : std::get_if<double>(&found->second);
    if (value == nullptr) fail(key, "missing, or not a real number");
    if (!(*value >= least && *value <= most)) fail(key, fmt::format("{} is not from {} to {}", *value, least, most));
    return static_cast<float>(*value);
  }

  std::optional<std::uint64_t> number(std::string_view key) const { return file_.number(full(key)); }

 private:
  std::string full(std::string_view key) const { return fmt::format("{}.{}", architecture_, key); }

  const GgufFile& file_;
  std::string_view place_;
  std::string architecture_;
};

Activation read_activation(const ConfigReader& reader) {
  const auto name = reader.text("activation");
  if (!name || *name == "gelu") return Activation::gelu;
  if (*name == "gelu_tanh") return Activation::gelu_tanh;
  if (*name == "relu") return Activation::relu;
  if (*name == "silu") return Activation::silu;
  reader.fail("activation", fmt::format("'{}' is not known; gelu, gelu_tanh, relu and silu are", printable(*name)));
}

std::optional<Pooling> read_pooling(const ConfigReader& reader) {
  const auto type = reader.number("pooling_type");
  if (!type) return std::nullopt;
  switch (*type) {
    case pooling_mean:
      return Pooling::mean;
    case pooling_cls:
      return Pooling::cls;
    case pooling_last:
      return Pooling::last_token;
    case pooling_rank:  // A cross-encoder, which gives scores.
      return std::nullopt;
    default:
      reader.fail("pooling_type", fmt::format("{} is none of 1 (mean), 2 (cls), 3 (last token)", *type));
  }
}

const GgufTensor* find_tensor(const GgufFile& file, std::string_view name) {
  const auto found = std::ranges::find(file.tensors, name, &GgufTensor::name);
  return found == file.tensors.end() ? nullptr : &*found;
}

}  // namespace

bool is_bert_family(const GgufFile& file) {
  const auto architecture = file.text("general.architecture");
  return architecture == "bert" || architecture == "gte";
}

TransformerConfig read_transformer_config(const GgufFile& file, std::string_view place) {
  const ConfigReader reader(file, place);
  TransformerConfig config;
  config.layers = reader.size("block_count", 1024);
  config.hidden = reader.size("embedding_length", 65536);
  config.heads = reader.size("attention.head_count", config.hidden);
  config.inner = reader.size("feed_forward_length", 1 << 20);
  config.positions = reader.size("context_length", 1 << 20);
  config.epsilon = reader.real("attention.layer_norm_epsilon", std::nullopt, 0, 1);
  config.activation = read_activation(reader);
  config.pooling = read_pooling(reader);
  if (config.hidden % config.heads != 0) {
    reader.fail("attention.head_count",
                fmt::format("{} heads do not divide {} dimensions", config.heads, config.hidden));
  }
  config.gated = find_tensor(file, "blk.0.ffn_gate.weight") != nullptr;
  const GgufTensor* words = find_tensor(file, "token_embd.weight");
  if (words == nullptr) throw InvalidData(fmt::format("{}: there is no tensor token_embd.weight", place));
  config.vocabulary = static_cast<std::size_t>(words->shape[1]);
  if (const GgufTensor* types = find_tensor(file, "token_types.weight")) {
    config.token_types = static_cast<std::size_t>(types->shape[1]);
  }
  if (find_tensor(file, "position_embd.weight") == nullptr) {
    config.rotary_base = reader.real("rope.freq_base", std::nullopt, 1, 1e9f);
    const auto scaling = reader.text("rope.scaling.type").value_or("none");
    if (scaling == "ntk") {
      config.rotary_ntk_factor = reader.real("rope.scaling.factor", std::nullopt, 1, 1e6f);
    } else if (scaling != "none") {
      reader.fail("rope.scaling.type", fmt::format("'{}' is not known; none and ntk are", printable(scaling)));
    }
    if (config.hidden / config.heads % 2 != 0) {
      reader.fail("attention.head_count", "rotary positions need heads of an even dimension");
    }
  }
  return config;
}

}  // namespace dragoman
