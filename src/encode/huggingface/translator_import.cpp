#include "encode/huggingface/translator_import.h"

#include <fmt/format.h>
#include <ggml.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "dragoman/text/language.h"
#include "encode/huggingface/tensor_copy.h"
#include "encode/huggingface/translator_config.h"
#include "encode/huggingface/weights.h"

namespace dragoman {
namespace {

constexpr const char* kSourcePieces = "source.spm";
constexpr double kEpsilon = 1e-5;  // PyTorch's LayerNorm, which neither family sets otherwise.

void plan_attention(TensorPlan& plan, const std::string& to, const std::string& from, std::uint64_t width) {
  for (const char* part : {"q", "k", "v", "out"}) {
    plan.linear(fmt::format("{}_{}", to, part), fmt::format("{}.{}_proj", from, part), width, width);
  }
  plan.norm(to + "_norm", from + "_layer_norm", width);
}

void plan_feed_forward(TensorPlan& plan, const std::string& to, const std::string& from, std::uint64_t width,
                       std::uint64_t inner) {
  plan.linear(to + "ffn_up", from + "fc1", inner, width);
  plan.linear(to + "ffn_down", from + "fc2", width, inner);
  plan.norm(to + "ffn_norm", from + "final_layer_norm", width);
}

void plan_translator(const TranslatorConfig& config, TensorPlan& plan) {
  const std::uint64_t width = config.width;
  plan.matrix("token_embd.weight", "model.shared.weight", config.vocabulary, width);
  if (plan.has("final_logits_bias")) plan.matrix("output.bias", "final_logits_bias", 1, config.vocabulary);
  for (std::uint32_t layer = 0; layer < config.encoder_layers; ++layer) {
    const std::string to = fmt::format("enc.{}.", layer), from = fmt::format("model.encoder.layers.{}.", layer);
    plan_attention(plan, to + "self", from + "self_attn", width);
    plan_feed_forward(plan, to, from, width, config.encoder_ffn);
  }
  for (std::uint32_t layer = 0; layer < config.decoder_layers; ++layer) {
    const std::string to = fmt::format("dec.{}.", layer), from = fmt::format("model.decoder.layers.{}.", layer);
    plan_attention(plan, to + "self", from + "self_attn", width);
    plan_attention(plan, to + "cross", from + "encoder_attn", width);
    plan_feed_forward(plan, to, from, width, config.decoder_ffn);
  }
  if (config.norm_first()) {
    plan.norm("enc.norm", "model.encoder.layer_norm", width);
    plan.norm("dec.norm", "model.decoder.layer_norm", width);
  }
  // The same numbers as model.shared.weight, and sines, which are computed.
  plan.ignore("lm_head.weight");
  for (const char* stack : {"encoder", "decoder"}) {
    plan.ignore(fmt::format("model.{}.embed_tokens.weight", stack));
    plan.ignore(fmt::format("model.{}.embed_positions.weight", stack));
    plan.ignore(fmt::format("model.{}.embed_positions.weights", stack));
  }
  plan.check_all_used();
}

/// What a file says of languages.
struct Served {
  std::vector<std::string> languages;
  std::optional<std::int32_t> target_token;
};

Served served_languages(const TranslatorConfig& config, const TranslatorVocabulary& vocabulary,
                        const std::vector<std::string>& given, const std::string& shown) {
  Served served;
  if (config.family == TranslatorFamily::m2m) {
    for (const LanguageToken& token : vocabulary.languages) served.languages.push_back(token.tag);
    if (served.languages.size() < 2) throw InvalidData(fmt::format("{}: has no tokens for languages", shown));
    return served;
  }
  if (given.size() != 2) {
    throw InvalidArgument(
        fmt::format("{}: a translation model's folder does not say what it translates; name the "
                    "source and the target with: --languages en fr",
                    shown));
  }
  for (const std::string& tag : given) served.languages.push_back(Language::parse(tag).tag());
  if (vocabulary.languages.empty()) return served;
  std::string all;
  for (const LanguageToken& token : vocabulary.languages) {
    if (same_written_language(Language::parse(token.tag), Language::parse(served.languages[1]))) {
      served.target_token = token.id;
      return served;
    }
    all += (all.empty() ? "" : ", ") + token.tag;
  }
  throw InvalidArgument(fmt::format("{}: does not translate into '{}', but into: {}", shown, served.languages[1], all));
}

void set_keys(GgufWriter& out, const std::string& name, const TranslatorConfig& config,
              const TranslatorVocabulary& vocabulary, const Served& served) {
  const auto key = [](const char* of) { return fmt::format("{}.{}", kTranslatorArchitecture, of); };
  out.text("general.architecture", std::string(kTranslatorArchitecture));
  out.text("general.name", name);
  out.number(key("embedding_length"), config.width);
  out.number(key("attention.head_count"), config.heads);
  out.number(key("encoder.block_count"), config.encoder_layers);
  out.number(key("decoder.block_count"), config.decoder_layers);
  out.number(key("encoder.feed_forward_length"), config.encoder_ffn);
  out.number(key("decoder.feed_forward_length"), config.decoder_ffn);
  out.number(key("vocabulary_size"), config.vocabulary);
  out.text(key("activation"), config.activation);
  out.flag(key("norm_first"), config.norm_first());
  out.flag(key("scaled_embedding"), config.scaled_embedding);
  out.real(key("attention.layer_norm_epsilon"), static_cast<float>(kEpsilon));
  out.real(key("position.frequency_steps"), config.frequency_steps());
  out.number(key("position.first"), config.first_position());
  out.number(key("token.start"), config.start);
  out.number(key("token.end"), config.end);
  out.number(key("token.unknown"), static_cast<std::uint64_t>(vocabulary.unknown));
  out.integers(key("token.never"), config.never);
  out.integers(key("token.control"), vocabulary.control);
  if (served.target_token) out.number(key("token.target"), static_cast<std::uint64_t>(*served.target_token));
  out.number(key("beam_size"), config.beam_size);
  out.real(key("length_penalty"), config.length_penalty);
  out.texts(key("pieces"), vocabulary.pieces);
  out.texts(key("languages"), served.languages);
  if (!vocabulary.tokenizer) return;
  std::vector<std::int32_t> tokens;
  for (const LanguageToken& token : vocabulary.languages) tokens.push_back(token.id);
  out.integers(key("language_tokens"), tokens);
  out.text("tokenizer.huggingface.json", *vocabulary.tokenizer);
}

}  // namespace

bool is_translator_folder(const std::filesystem::path& folder) {
  const auto config = text_files_of(folder)("config.json");
  return config && is_sequence_to_sequence(*config, "config.json");
}

void check_translator(const ReadText& read, const std::vector<std::string>& languages, const std::string& name) {
  const TranslatorConfig config = read_translator_config(read);
  served_languages(config, read_translator_vocabulary(read, config), languages, name);
}

std::vector<std::string> translator_files(const ReadText& read) {
  if (read_translator_config(read).family == TranslatorFamily::marian) return {kSourcePieces};
  return {};
}

ImportedTranslator import_translator(const std::filesystem::path& folder, const std::vector<std::string>& languages,
                                     const std::string& name, const std::filesystem::path& gguf,
                                     const ProgressCallback& progress) {
  const ReadText read = text_files_of(folder);
  const TranslatorConfig config = read_translator_config(read);
  const TranslatorVocabulary vocabulary = read_translator_vocabulary(read, config);
  const Served served = served_languages(config, vocabulary, languages, name);
  std::optional<MappedFile> pieces;
  if (!vocabulary.tokenizer) pieces.emplace(folder / kSourcePieces);
  const std::unique_ptr<Weights> weights = open_checkpoint(folder, name);
  TensorPlan plan(*weights, name);
  plan_translator(config, plan);

  GgufWriter out(gguf);
  set_keys(out, name, config, vocabulary, served);
  declare_tensors(plan.steps(), out);
  if (pieces) out.tensor(std::string(kSourceVocabularyTensor), GGML_TYPE_I8, 0, pieces->bytes().size());
  out.begin();
  copy_tensors(plan.steps(), out, progress);
  if (pieces) {
    out.write(pieces->bytes());
    out.end_tensor();
  }
  ImportedTranslator translator{out.finish(), served.languages};
  if (vocabulary.tokenizer) translator.languages.insert(translator.languages.begin(), std::string(kManyLanguages));
  return translator;
}

}  // namespace dragoman
