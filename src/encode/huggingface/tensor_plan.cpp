#include "encode/huggingface/tensor_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

/// What transformers puts before the names of a model that carries a head; bare models have none.
constexpr std::array<std::string_view, 6> kPrefixes = {"", "bert.", "roberta.", "distilbert.", "new.", "model."};
constexpr std::string_view kTokens = "embeddings.word_embeddings.weight";

std::string find_prefix(const Weights& weights, std::string_view place) {
  for (const std::string_view prefix : kPrefixes) {
    if (weights.all().contains(fmt::format("{}{}", prefix, kTokens))) return std::string(prefix);
  }
  throw InvalidData(fmt::format("{}: holds no \"{}\", under any prefix that is known", place, kTokens));
}

/// What the parts of a layer are called, behind "LAYERS.N.".
struct LayerNames {
  std::string_view layers;
  std::string_view query, key, value, attention_output, attention_norm;
  std::string_view up, down, output_norm;
};
constexpr LayerNames kBertNames = {"encoder.layer",        "attention.self.query",   "attention.self.key",
                                   "attention.self.value", "attention.output.dense", "attention.output.LayerNorm",
                                   "intermediate.dense",   "output.dense",           "output.LayerNorm"};
constexpr LayerNames kDistilBertNames = {"transformer.layer", "attention.q_lin",   "attention.k_lin",
                                         "attention.v_lin",   "attention.out_lin", "sa_layer_norm",
                                         "ffn.lin1",          "ffn.lin2",          "output_layer_norm"};

void plan_bert(const ModelConfig& config, const std::string& prefix, const LayerNames& names, TensorPlan& plan) {
  const std::uint64_t hidden = config.hidden;
  plan.matrix("token_embd.weight", prefix + std::string(kTokens), config.vocabulary, hidden);
  plan.rows("position_embd.weight", prefix + "embeddings.position_embeddings.weight", config.skipped_positions,
            config.context, config.position_rows, hidden);
  if (config.types > 0) {
    plan.matrix("token_types.weight", prefix + "embeddings.token_type_embeddings.weight", config.types, hidden);
  }
  plan.norm("token_embd_norm", prefix + "embeddings.LayerNorm", hidden);
  for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
    const auto from = [&](std::string_view part) {
      return fmt::format("{}{}.{}.{}", prefix, names.layers, layer, part);
    };
    const std::string to = fmt::format("blk.{}.", layer);
    plan.linear(to + "attn_q", from(names.query), hidden, hidden);
    plan.linear(to + "attn_k", from(names.key), hidden, hidden);
    plan.linear(to + "attn_v", from(names.value), hidden, hidden);
    plan.linear(to + "attn_output", from(names.attention_output), hidden, hidden);
    plan.norm(to + "attn_output_norm", from(names.attention_norm), hidden);
    plan.linear(to + "ffn_up", from(names.up), config.ffn, hidden);
    plan.linear(to + "ffn_down", from(names.down), hidden, config.ffn);
    plan.norm(to + "layer_output_norm", from(names.output_norm), hidden);
  }
}

void plan_gte(const ModelConfig& config, const std::string& prefix, TensorPlan& plan) {
  const std::uint64_t hidden = config.hidden, ffn = config.ffn;
  plan.matrix("token_embd.weight", prefix + std::string(kTokens), config.vocabulary, hidden);
  if (config.types > 0) {
    plan.matrix("token_types.weight", prefix + "embeddings.token_type_embeddings.weight", config.types, hidden);
  }
  plan.norm("token_embd_norm", prefix + "embeddings.LayerNorm", hidden);
  for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
    const std::string from = fmt::format("{}encoder.layer.{}.", prefix, layer), to = fmt::format("blk.{}.", layer);
    if (config.packed_qkv) {
      plan.linear(to + "attn_qkv", from + "attention.qkv_proj", 3 * hidden, hidden);
    } else {
      for (const char* part : {"q", "k", "v"}) {
        plan.linear(fmt::format("{}attn_{}", to, part), fmt::format("{}attention.{}_proj", from, part), hidden, hidden);
      }
    }
    plan.linear(to + "attn_output", from + "attention.o_proj", hidden, hidden);
    plan.norm(to + "attn_output_norm", from + "attn_ln", hidden);
    // "up" lies above "gate" in the one matrix; neither has a bias.
    plan.rows(to + "ffn_up.weight", from + "mlp.up_gate_proj.weight", 0, ffn, 2 * ffn, hidden);
    plan.rows(to + "ffn_gate.weight", from + "mlp.up_gate_proj.weight", ffn, ffn, 2 * ffn, hidden);
    plan.linear(to + "ffn_down", from + "mlp.down_proj", hidden, ffn);
    plan.norm(to + "layer_output_norm", from + "mlp_ln", hidden);
  }
}

/// Where the parts of a masked language model's head lie.
struct MaskedHeadNames {
  std::string_view transform, norm, output;
  std::string_view bias;  ///< Of the output, where it does not lie beside its weight.
};

MaskedHeadNames masked_head(ModelFamily family) {
  switch (family) {
    case ModelFamily::bert:
      return {"cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder",
              "cls.predictions.bias"};
    case ModelFamily::roberta:
      return {"lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias"};
    case ModelFamily::distilbert:
      return {"vocab_transform", "vocab_layer_norm", "vocab_projector", "vocab_projector.bias"};
    case ModelFamily::gte:
      return {"lm_head.dense", "lm_head.norm", "lm_head.decoder", "lm_head.decoder.bias"};
  }
  return {};
}

void plan_masked_head(const ModelConfig& config, TensorPlan& plan, std::string_view place) {
  // RobertaLMHead computes gelu whatever the configuration says.
  if (config.family == ModelFamily::roberta && config.activation != "gelu") {
    throw InvalidData(fmt::format("{}: a masked language model of RoBERTa's kind with activation {} cannot be run",
                                  place, config.activation));
  }
  const MaskedHeadNames names = masked_head(config.family);
  plan.linear("head.mlm.transform", std::string(names.transform), config.hidden, config.hidden);
  plan.norm("head.mlm.norm", std::string(names.norm), config.hidden);
  const std::string weight = fmt::format("{}.weight", names.output), beside = fmt::format("{}.bias", names.output);
  // transformers ties the matrix to the table of tokens unless told otherwise, even where the file has another one.
  if (!config.tied) plan.matrix("head.mlm.output.weight", weight, config.vocabulary, config.hidden);
  plan.vector("head.mlm.output.bias", plan.has(names.bias) ? std::string(names.bias) : beside, config.vocabulary);
  for (const std::string& twin : {weight, beside}) plan.ignore(twin);
}

/// Tensors that lie in checkpoints of encoders and have no part in their vectors.
bool of_no_use(std::string_view name, std::string_view prefix, bool masked_head_wanted) {
  if (name.starts_with("cls.seq_relationship.")) return true;
  if (!masked_head_wanted) {
    for (const std::string_view head :
         {"cls.predictions.", "lm_head.", "vocab_transform.", "vocab_layer_norm.", "vocab_projector."}) {
      if (name.starts_with(head)) return true;
    }
  }
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return name == "embeddings.position_ids" || name == "embeddings.token_type_ids" ||
         name == "embeddings.rotary_emb.inv_freq" || name.starts_with("pooler.dense.");
}

}  // namespace

void TensorPlan::fail(std::string_view tensor, std::string_view reason) const {
  throw InvalidData(fmt::format("{}: tensor \"{}\" {}", place_, printable(tensor), reason));
}

const Weight& TensorPlan::find(const std::string& name, const std::vector<std::uint64_t>& shape) {
  const auto found = weights_.all().find(name);
  if (found == weights_.all().end()) fail(name, "is missing");
  const Weight& weight = found->second;
  if (weight.type == WeightType::other) {
    fail(name, fmt::format("holds {}; F32, F16 and BF16 can be kept", printable(weight.type_name)));
  }
  if (weight.shape != shape) {
    fail(name, fmt::format("has the shape {}, not {}", to_string(weight.shape), to_string(shape)));
  }
  used_.insert(name);
  return weight;
}

void TensorPlan::vector(std::string to, const std::string& from, std::uint64_t columns) {
  steps_.push_back({std::move(to), &weights_, from, find(from, {columns}).type, 0, 0, columns});
}

void TensorPlan::matrix(std::string to, const std::string& from, std::uint64_t rows, std::uint64_t columns) {
  steps_.push_back({std::move(to), &weights_, from, find(from, {rows, columns}).type, 0, rows, columns});
}

void TensorPlan::rows(std::string to, const std::string& from, std::uint64_t first, std::uint64_t rows,
                      std::uint64_t all, std::uint64_t columns) {
  steps_.push_back({std::move(to), &weights_, from, find(from, {all, columns}).type, first, rows, columns});
}

void TensorPlan::linear(const std::string& to, const std::string& from, std::uint64_t out, std::uint64_t in) {
  const std::string dot = from.empty() ? "" : ".";
  matrix(to + ".weight", from + dot + "weight", out, in);
  vector(to + ".bias", from + dot + "bias", out);
}

void TensorPlan::norm(const std::string& to, const std::string& from, std::uint64_t width) {
  const bool old = !has(from + ".weight") && has(from + ".gamma");
  vector(to + ".weight", from + (old ? ".gamma" : ".weight"), width);
  vector(to + ".bias", from + (old ? ".beta" : ".bias"), width);
}

void TensorPlan::check_all_used() const {
  for (const auto& [name, weight] : weights_.all()) {
    if (!used_.contains(name))
      fail(name, "has no place in this kind of model; it is another one than config.json says");
  }
}

void plan_encoder(const ModelConfig& config, const PlannedHeads& heads, const Weights& weights, TensorPlan& plan,
                  std::string_view place) {
  const std::string prefix = find_prefix(weights, place);
  if (config.family == ModelFamily::gte) {
    plan_gte(config, prefix, plan);
  } else {
    plan_bert(config, prefix, config.family == ModelFamily::distilbert ? kDistilBertNames : kBertNames, plan);
  }
  if (heads.token_weight) plan.linear("head.token_weight", "classifier", 1, config.hidden);
  if (heads.masked_language_model) plan_masked_head(config, plan, place);
  for (const auto& [name, weight] : weights.all()) {
    if (of_no_use(name, prefix, heads.masked_language_model)) plan.ignore(name);
  }
  plan.check_all_used();
}

}  // namespace dragoman
