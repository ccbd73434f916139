#include "encode/huggingface/encoder_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "encode/huggingface/model_config.h"
#include "encode/huggingface/sentence_modules.h"
#include "encode/huggingface/tensor_copy.h"
#include "encode/huggingface/tensor_plan.h"
#include "encode/huggingface/text_files.h"
#include "encode/huggingface/tokenizer_json.h"
#include "encode/huggingface/weights.h"

namespace dragoman {
namespace {

// BGE-M3's two heads beside its dense one, in files of their own.
constexpr const char* kTokenWeightFile = "sparse_linear.pt";
constexpr const char* kTokenVectorFile = "colbert_linear.pt";

bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

/// llama.cpp's LLAMA_POOLING_TYPE_*.
std::uint64_t gguf_pooling(Pooling pooling) {
  switch (pooling) {
    case Pooling::mean:
      return 1;
    case Pooling::cls:
      return 2;
    case Pooling::last_token:
      return 3;
  }
  return 0;
}

/// Everything known of the folder before a byte of weights is copied.
struct Import {
  ModelConfig config;
  SentenceModules modules;
  std::string tokenizer;
  std::vector<std::unique_ptr<Weights>> weights;
  std::vector<TensorStep> steps;
  bool token_weight = false, token_vector = false;
};

void take_steps(Import& import, TensorPlan& plan) { std::ranges::move(plan.steps(), std::back_inserter(import.steps)); }

void plan_dense(const std::filesystem::path& folder, Import& import) {
  std::uint64_t width = import.config.hidden;
  for (std::size_t i = 0; i < import.modules.dense.size(); ++i) {
    const DenseModule& dense = import.modules.dense[i];
    if (dense.in != width) {
      throw InvalidData(
          fmt::format("{}/config.json: takes vectors of {} dimensions, but gets {}", dense.path, dense.in, width));
    }
    Weights& weights = *import.weights.emplace_back(open_checkpoint(folder / dense.path, dense.path));
    TensorPlan plan(weights, dense.path);
    const std::string to = fmt::format("head.dense.{}", i);
    plan.matrix(to + ".weight", "linear.weight", dense.out, dense.in);
    if (dense.bias) plan.vector(to + ".bias", "linear.bias", dense.out);
    plan.check_all_used();
    take_steps(import, plan);
    width = dense.out;
  }
}

/// A head that is one linear layer in a file of its own: { "weight", "bias" }.
bool plan_linear_file(const std::filesystem::path& folder, const char* file, const std::string& to,
                      std::optional<std::uint64_t> rows, Import& import) {
  if (!is_file(folder / file)) return false;
  Weights& weights = *import.weights.emplace_back(open_torch_file(folder / file, file));
  TensorPlan plan(weights, file);
  const auto found = weights.all().find("weight");
  if (!rows && found != weights.all().end() && found->second.shape.size() == 2) rows = found->second.shape[0];
  plan.linear(to, "", rows.value_or(0), import.config.hidden);
  plan.check_all_used();
  take_steps(import, plan);
  return true;
}

Import read_folder(const std::filesystem::path& folder, const ImportOptions& options) {
  const std::string shown = folder.filename().empty() ? folder.string() : folder.filename().string();
  const ReadText read = text_files_of(folder);
  Import import;
  import.modules = read_sentence_modules(read);
  SentenceModules& modules = import.modules;
  const std::string config_path = modules.transformer.empty() ? "config.json" : modules.transformer + "/config.json";
  const auto config = read(config_path);
  if (!config) throw NotFound(fmt::format("{}: has no {}; it is no folder of a model", shown, config_path));
  import.config = read_model_config(*config, config_path);

  // Without sentence-transformers' files a masked language model is taken for SPLADE, which nobody else publishes for
  // retrieval, unless the user asks for pooled vectors.
  if (!modules.present && import.config.masked_language_model && !options.pooling) modules.splade = true;
  if (options.pooling) {
    modules.pooling = options.pooling;
    modules.splade = false;
  }
  if (!modules.pooling && !modules.splade) {
    throw InvalidArgument(fmt::format(
        "{}: says nothing of pooling (it has no modules.json); say --pooling mean, cls or last_token", shown));
  }
  if (modules.pooled_width != 0 && modules.pooled_width != import.config.hidden) {
    throw InvalidData(fmt::format("modules.json: pools vectors of {} dimensions, but the model gives {}",
                                  modules.pooled_width, import.config.hidden));
  }
  import.tokenizer = read_tokenizer_json(read, modules.transformer, import.config.vocabulary);

  const auto model_folder = folder / modules.transformer;
  Weights& weights = *import.weights.emplace_back(open_checkpoint(model_folder, shown));
  const std::string place = is_file(model_folder / "model.safetensors") ? "model.safetensors" : shown;
  TensorPlan plan(weights, place);
  const bool classifier = import.config.token_classification && plan.has("classifier.weight");
  plan_encoder(import.config, {.masked_language_model = modules.splade, .token_weight = classifier}, weights, plan,
               place);
  take_steps(import, plan);
  plan_dense(folder, import);
  import.token_weight = plan_linear_file(folder, kTokenWeightFile, "head.token_weight", 1, import) || classifier;
  import.token_vector = plan_linear_file(folder, kTokenVectorFile, "head.token_vector", std::nullopt, import);
  return import;
}

void set_keys(GgufWriter& out, const Import& import) {
  const ModelConfig& config = import.config;
  const std::string architecture = config.family == ModelFamily::gte ? "gte" : "bert";
  const auto key = [&](const char* name) { return fmt::format("{}.{}", architecture, name); };
  out.text("general.architecture", architecture);
  out.number(key("context_length"), config.context);
  out.number(key("embedding_length"), config.hidden);
  out.number(key("block_count"), config.layers);
  out.number(key("feed_forward_length"), config.ffn);
  out.number(key("attention.head_count"), config.heads);
  out.real(key("attention.layer_norm_epsilon"), config.epsilon);
  out.flag(key("attention.causal"), false);
  if (import.modules.pooling) out.number(key("pooling_type"), gguf_pooling(*import.modules.pooling));
  out.text(key("activation"), config.activation);
  if (config.family == ModelFamily::gte) {
    out.real(key("rope.freq_base"), config.rope_base);
    out.text(key("rope.scaling.type"), config.rope_scaling);
    out.real(key("rope.scaling.factor"), config.rope_factor);
  }
  out.flag("dragoman.normalize", import.modules.normalize);
  if (!import.modules.dense.empty()) out.number("dragoman.dense.count", import.modules.dense.size());
  for (std::size_t i = 0; i < import.modules.dense.size(); ++i) {
    out.text(fmt::format("dragoman.dense.{}.activation", i), import.modules.dense[i].activation);
  }
  // BGE-M3 gives the first token's state to its dense head alone.
  if (import.token_vector) out.flag("dragoman.token_vector.skip_first", true);
  out.text("tokenizer.huggingface.json", import.tokenizer);
}

}  // namespace

bool is_huggingface_folder(const std::filesystem::path& folder) {
  return is_file(folder / "config.json") || is_file(folder / "modules.json");
}

ImportedEncoder import_encoder(const std::filesystem::path& folder, const ImportOptions& options,
                               const std::filesystem::path& gguf, const ProgressCallback& progress) {
  const Import import = read_folder(folder, options);
  GgufWriter out(gguf);
  set_keys(out, import);
  declare_tensors(import.steps, out);
  out.begin();
  copy_tensors(import.steps, out, progress);
  ImportedEncoder encoder;
  encoder.file = out.finish();
  const auto or_folder = [](const std::string& given, const std::string& said) { return given.empty() ? said : given; };
  encoder.query_prompt = or_folder(options.query_prompt, import.modules.query_prompt);
  encoder.passage_prompt = or_folder(options.passage_prompt, import.modules.passage_prompt);
  const std::size_t wanted = options.max_tokens != 0 ? options.max_tokens : import.modules.max_tokens;
  const std::size_t context = import.config.context;
  encoder.max_tokens = wanted == 0 ? context : std::min(wanted, context);
  return encoder;
}

}  // namespace dragoman
