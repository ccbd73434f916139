#include "encode/huggingface/model_config.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "dragoman/base/utf8.h"
#include "encode/huggingface/config_reader.h"
#include "encode/model_json.h"

namespace dragoman {
namespace {

struct TypeName {
  std::string_view name;
  ModelFamily family;
};
constexpr std::array kTypes = {TypeName{"bert", ModelFamily::bert}, TypeName{"roberta", ModelFamily::roberta},
                               TypeName{"xlm-roberta", ModelFamily::roberta},
                               TypeName{"camembert", ModelFamily::roberta},
                               TypeName{"distilbert", ModelFamily::distilbert},
                               // Alibaba-NLP/new-impl, and the copy of it that Snowflake's Arctic carries.
                               TypeName{"new", ModelFamily::gte}, TypeName{"gte", ModelFamily::gte}};

ModelFamily family_of(const ConfigReader& config, const std::string& type) {
  for (const TypeName& known : kTypes) {
    if (type == known.name) return known.family;
  }
  config.refuse(
      fmt::format("a model of type \"{}\" cannot be imported (bert, distilbert, roberta, xlm-roberta, camembert, new "
                  "and gte can); if llama.cpp knows it, make a GGUF file with its convert_hf_to_gguf.py and add that",
                  printable(type)));
}

/// What the model was saved as. Heads that give no vectors are refused; those that do are remembered.
void read_architectures(const ConfigReader& config, ModelConfig& model) {
  if (!config.present("architectures")) return;
  for (const std::string& name : list_member(config.json(), "architectures", config.place())) {
    if (name.ends_with("ForMaskedLM")) {
      model.masked_language_model = true;
    } else if (name == "NewForTokenClassification") {
      model.token_classification = true;
    } else if (name.ends_with("ForSequenceClassification")) {
      config.refuse(
          fmt::format("\"{}\" is a cross-encoder or a classifier, which gives scores, not vectors; make a GGUF file of "
                      "it with llama.cpp's convert_hf_to_gguf.py, add that, and rerank with --method pointwise --score "
                      "cross_encoder",
                      printable(name)));
    } else if (!name.ends_with("Model") && !name.ends_with("ForPreTraining")) {
      config.refuse(fmt::format("architecture \"{}\" is no encoder that can be imported", printable(name)));
    }
  }
}

void check_positions(const ConfigReader& config, std::string_view expected) {
  const auto kind = config.text("position_embedding_type", expected);
  if (kind != expected) {
    config.refuse(
        fmt::format("\"position_embedding_type\" is \"{}\"; only \"{}\" can be run", printable(kind), expected));
  }
}

/// What BERT and its successors call by the same names.
void read_sizes(const ConfigReader& config, std::uint32_t types_otherwise, ModelConfig& model) {
  model.hidden = config.size("hidden_size");
  model.layers = config.size("num_hidden_layers", kMaxLayers);
  model.heads = config.size("num_attention_heads");
  model.ffn = config.size("intermediate_size");
  model.types = config.size("type_vocab_size", kMaxSize, 0, types_otherwise);
  model.activation = config.activation("hidden_act", "gelu");
  model.epsilon = config.real("layer_norm_eps", 1e-12);
}

void read_bert(const ConfigReader& config, ModelConfig& model) {
  check_positions(config, "absolute");
  read_sizes(config, 2, model);
  model.position_rows = config.size("max_position_embeddings");
  if (config.present("embedding_size") && config.size("embedding_size") != model.hidden) {
    config.refuse("\"embedding_size\" differs from \"hidden_size\"");
  }
  // transformers' RobertaEmbeddings: the first token's position is padding_idx + 1. Such tables have two rows more than
  // the model reads tokens, where the padding's number is 1.
  if (model.family == ModelFamily::roberta) {
    model.skipped_positions = config.size("pad_token_id", kMaxVocabulary, 0, 1) + 1;
  }
}

void read_distilbert(const ConfigReader& config, ModelConfig& model) {
  // DistilBertConfig has its own names; transformers' LayerNorms there have a fixed epsilon. Sinusoidal positions lie
  // in the checkpoint like learned ones.
  model.hidden = config.size("dim");
  model.layers = config.size("n_layers", kMaxLayers);
  model.heads = config.size("n_heads");
  model.ffn = config.size("hidden_dim");
  model.activation = config.activation("activation", "gelu");
  model.epsilon = 1e-12f;
  model.position_rows = config.size("max_position_embeddings");
}

/// Facts from Alibaba-NLP/new-impl (modeling.py of its NewModel) and text-embeddings-inference
/// (backends/candle/src/models/gte.rs), which agree.
void read_gte(const ConfigReader& config, ModelConfig& model) {
  check_positions(config, "rope");
  read_sizes(config, 0, model);
  model.context = config.size("max_position_embeddings");
  model.packed_qkv = config.flag("pack_qkv", true);
  if (const auto kind = config.text("layer_norm_type", "layer_norm"); kind != "layer_norm") {
    config.refuse(fmt::format("\"layer_norm_type\" is \"{}\"; only \"layer_norm\" can be run", printable(kind)));
  }
  for (const char* scale : {"logn_attention_scale", "logn_attention_clip1"}) {
    if (config.flag(scale, false)) config.refuse(fmt::format("\"{}\" cannot be run", scale));
  }
  model.rope_base = config.real("rope_theta", 10000);
  if (!config.present("rope_scaling")) return;
  const Json& scaling = config.json()["rope_scaling"];
  if (!scaling.is_object()) config.refuse("\"rope_scaling\" must be an object");
  // transformers 5 keeps the base in there, and calls "rope_type" what was "type".
  std::string kind = "none";
  for (const char* member : {"type", "rope_type"}) {
    if (const auto found = string_member(scaling, member, config.place())) kind = *found;
  }
  model.rope_base = config.real(scaling, "rope_theta", static_cast<double>(model.rope_base));
  if (kind == "none" || kind == "default") return;
  if (kind != "ntk" || (scaling.contains("mixed_b") && !scaling["mixed_b"].is_null())) {
    config.refuse(fmt::format("rotary positions scaled by \"{}\"{} cannot be run; \"ntk\" can", printable(kind),
                              kind == "ntk" ? " with \"mixed_b\"" : ""));
  }
  model.rope_scaling = "ntk";
  model.rope_factor = config.real(scaling, "factor", 1);
  if (model.rope_factor < 1) config.refuse("\"rope_scaling\" has a factor below 1");
}

}  // namespace

ModelConfig read_model_config(std::string_view json, std::string_view place) {
  const ConfigReader config(json, place);
  ModelConfig model;
  model.model_type = config.text("model_type");
  if (model.model_type.empty()) config.refuse("\"model_type\" is missing; is this the config.json of a model?");
  model.family = family_of(config, model.model_type);
  for (const char* decoder : {"is_decoder", "is_encoder_decoder", "add_cross_attention"}) {
    if (config.flag(decoder, false)) config.refuse(fmt::format("\"{}\": a decoder is no encoder", decoder));
  }
  read_architectures(config, model);
  model.vocabulary = config.size("vocab_size", kMaxVocabulary);
  model.tied = config.flag("tie_word_embeddings", true);

  if (model.family == ModelFamily::gte) {
    read_gte(config, model);
  } else if (model.family == ModelFamily::distilbert) {
    read_distilbert(config, model);
  } else {
    read_bert(config, model);
  }
  if (model.family != ModelFamily::gte) {
    if (model.position_rows <= model.skipped_positions) {
      config.refuse(fmt::format("\"max_position_embeddings\" is {}, of which {} are kept for padding",
                                model.position_rows, model.skipped_positions));
    }
    model.context = model.position_rows - model.skipped_positions;
  }
  if (model.hidden % model.heads != 0) {
    config.refuse(fmt::format("{} heads do not divide a width of {}", model.heads, model.hidden));
  }
  if (model.family == ModelFamily::gte && model.hidden / model.heads % 2 != 0) {
    config.refuse(fmt::format("rotary positions need heads of an even width, not {}", model.hidden / model.heads));
  }
  return model;
}

}  // namespace dragoman
