#include "translate/marian/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "base/byte_reader.h"
#include "dragoman/base/utf8.h"
#include "translate/marian/model_items.h"

namespace dragoman::marian {
namespace {

constexpr std::string_view kSettings = "special:model.yml";
// The output layer's inputs have their multiplier under the name of the node that selects the shortlist's rows: none.
constexpr std::string_view kOutputMultiplier = "none";

float read_float(std::span<const std::byte> bytes, std::size_t offset) {
  float value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

/// The items by name, each checked as it is taken.
class Reader {
 public:
  Reader(std::vector<MarianItem> items, std::string_view place) : place_(place) {
    for (MarianItem& item : items) items_.emplace(item.name, std::move(item));
  }

  const MarianItem& item(const std::string& name) const {
    const auto found = items_.find(name);
    if (found == items_.end()) throw InvalidData(fmt::format("{}: has no item \"{}\"", place_, name));
    return found->second;
  }

  std::vector<float> vector(const std::string& name, std::size_t size) const {
    const MarianItem& found = item(name);
    if (found.type != MarianType::float32) fail(name, "must be float32");
    if (found.size() != size) fail(name, fmt::format("has {} numbers instead of {}", found.size(), size));
    std::vector<float> values(size);
    std::memcpy(values.data(), found.bytes.data(), size * sizeof(float));
    if (!std::ranges::all_of(values, [](float x) { return std::isfinite(x); })) fail(name, "has a number that is none");
    return values;
  }

  Norm norm(const std::string& name, std::size_t width) const {
    return {vector(name + "_scale", width), vector(name + "_bias", width)};
  }

  /// A matrix that Marian calls [inputs, outputs] and has turned for its kernels, or embeddings, which it has not.
  QuantizedWeights weights(const std::string& name, std::size_t outputs, std::size_t inputs, bool embeddings,
                           bool rounded_inputs) const {
    const MarianItem& found = item(name);
    if (found.type != MarianType::intgemm8) {
      throw InvalidArgument(
          fmt::format("{}: \"{}\" is not in 8 bits; convert the model with: marian-conv --gemm-type "
                      "intgemm8",
                      place_, name));
    }
    const auto [rows, columns] = embeddings ? std::pair(outputs, inputs) : std::pair(inputs, outputs);
    if (found.rows != rows || found.columns != columns) {
      fail(name, fmt::format("is [{}, {}] instead of [{}, {}]", found.rows, found.columns, rows, columns));
    }
    QuantizedWeights weights;
    weights.values = reinterpret_cast<const std::int8_t*>(found.bytes.data());
    weights.outputs = outputs;
    weights.inputs = inputs;
    weights.multiplier = checked_multiplier(name, read_float(found.bytes, found.size()));
    if (rounded_inputs)
      weights.input_multiplier = input_multiplier(embeddings ? std::string(kOutputMultiplier) : name, name);
    return weights;
  }

  Affine affine(Precision precision, const std::string& weight, const std::string& bias, std::size_t outputs,
                std::size_t inputs, float gain = 1) const {
    return Affine(precision, weights(weight, outputs, inputs, false, precision != Precision::f32),
                  bias.empty() ? std::vector<float>() : vector(bias, outputs), gain);
  }

  std::size_t columns(const std::string& name) const { return item(name).columns; }

 private:
  [[noreturn]] void fail(const std::string& name, std::string_view what) const {
    throw InvalidData(fmt::format("{}: item \"{}\" {}", place_, name, what));
  }

  float checked_multiplier(const std::string& name, float value) const {
    if (!std::isfinite(value) || value <= 0) fail(name, fmt::format("has the multiplier {}", value));
    return value;
  }

  /// What the inputs of a matrix are multiplied with. Where a converter rounded the multiplier like a weight, it is the
  /// byte divided by its own multiplier.
  float input_multiplier(const std::string& first, const std::string& second) const {
    for (const std::string& owner : {first, second}) {
      const auto found = items_.find(owner + "_QuantMultA");
      if (found == items_.end()) continue;
      const MarianItem& one = found->second;
      if (one.size() != 1 || one.type == MarianType::int8) fail(one.name, "is no number");
      if (one.type == MarianType::float32) return checked_multiplier(one.name, read_float(one.bytes, 0));
      const auto byte = static_cast<float>(static_cast<std::int8_t>(one.bytes[0]));
      return checked_multiplier(one.name, byte / read_float(one.bytes, 1));
    }
    throw InvalidArgument(
        fmt::format("{}: \"{}\" has no multiplier for its inputs, so the model cannot be run in int8; "
                    "run it in f32",
                    place_, second));
  }

  std::string place_;
  std::map<std::string, MarianItem, std::less<>> items_;
};

}  // namespace

ModelParts read_marian_model(std::span<const std::byte> bytes, Precision precision, std::string_view place) {
  if (precision == Precision::bf16) {
    throw InvalidArgument(fmt::format("{}: a Marian model runs in int8 or f32, not in bf16", place));
  }
  const Reader reader(read_marian_items(bytes, place), place);
  ModelParts parts;
  parts.precision = precision;
  const auto settings = reader.item(std::string(kSettings)).bytes;
  parts.config = read_marian_config({reinterpret_cast<const char*>(settings.data()), settings.size()},
                                    fmt::format("{}: {}", place, kSettings));
  const MarianConfig& config = parts.config;
  const std::size_t width = config.width;
  const auto feed_forward = [&](const std::string& prefix) {
    const std::size_t inner = reader.columns(prefix + "_ffn_W1");
    return FeedForward{reader.affine(precision, prefix + "_ffn_W1", prefix + "_ffn_b1", inner, width),
                       reader.affine(precision, prefix + "_ffn_W2", prefix + "_ffn_b2", width, inner),
                       reader.norm(prefix + "_ffn_ffn_ln", width)};
  };
  const auto attention = [&](const std::string& prefix, float gain) {
    const auto part = [&](const char* name, float gain_of) {
      return reader.affine(precision, fmt::format("{}_W{}", prefix, name), fmt::format("{}_b{}", prefix, name), width,
                           width, gain_of);
    };
    return SelfAttention{part("q", gain), part("k", 1), part("v", 1), part("o", 1),
                         reader.norm(prefix + "_Wo_ln", width)};
  };
  for (std::size_t layer = 1; layer <= config.encoder_layers; ++layer) {
    const std::string prefix = fmt::format("encoder_l{}", layer);
    parts.encoder.push_back({attention(prefix + "_self", base_two_query_gain(config)), feed_forward(prefix)});
  }
  for (std::size_t layer = 1; layer <= config.decoder_layers; ++layer) {
    const std::string prefix = fmt::format("decoder_l{}", layer);
    parts.decoder.push_back(
        {RecurrentCell{reader.affine(precision, prefix + "_rnn_W", "", width, width),
                       reader.affine(precision, prefix + "_rnn_Wf", prefix + "_rnn_bf", width, width),
                       reader.norm(prefix + "_rnn_ffn_ln", width)},
         attention(prefix + "_context", query_gain(config)), feed_forward(prefix)});
  }
  const std::string source = config.one_embedding ? "Wemb" : "encoder_Wemb";
  const std::string target = config.one_embedding ? "Wemb" : "decoder_Wemb";
  parts.source = reader.weights(source, config.source_vocabulary, width, true, false);
  parts.target = reader.weights(target, config.target_vocabulary, width, true, precision != Precision::f32);
  parts.output_bias = reader.vector("decoder_ff_logit_out_b", config.target_vocabulary);
  return parts;
}

}  // namespace dragoman::marian
