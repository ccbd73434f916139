#include "translate/marian/seq2seq_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "encode/gguf_array.h"
#include "encode/huggingface/translator_import.h"
#include "encode/model_file.h"

namespace dragoman {
namespace {

constexpr std::size_t kMostLayers = 1024, kMostWidth = 1 << 16, kMostVocabulary = 1 << 24, kMostBeam = 64;

/// The keys of a file, each checked as it is read.
class Keys {
 public:
  Keys(const ModelFile& file, std::string_view place) : file_(file), place_(place) {}

  [[noreturn]] void refuse(std::string_view key, std::string_view why) const {
    throw InvalidData(fmt::format("{}: \"{}\" {}", place_, full(key), why));
  }

  std::size_t size(std::string_view key, std::size_t least, std::size_t most) const {
    const auto value = file_.header.number(full(key));
    if (!value) refuse(key, "is missing");
    if (*value < least || *value > most) refuse(key, fmt::format("is {}; {} to {} is legal", *value, least, most));
    return static_cast<std::size_t>(*value);
  }
  float real(std::string_view key) const {
    const auto found = file_.header.values.find(full(key));
    const auto* value = found == file_.header.values.end() ? nullptr : std::get_if<double>(&found->second);
    if (value == nullptr || !std::isfinite(*value) || *value <= 0) refuse(key, "must be a number above 0");
    return static_cast<float>(*value);
  }
  bool flag(std::string_view key) const {
    const auto value = file_.header.flag(full(key));
    if (!value) refuse(key, "must be true or false");
    return *value;
  }
  Activation activation() const {
    constexpr std::pair<std::string_view, Activation> kNames[] = {{"relu", Activation::relu},
                                                                  {"silu", Activation::silu},
                                                                  {"gelu", Activation::gelu},
                                                                  {"gelu_tanh", Activation::gelu_tanh}};
    const auto name = file_.header.text(full("activation")).value_or("");
    for (const auto& [known, activation] : kNames) {
      if (name == known) return activation;
    }
    refuse("activation", fmt::format("is \"{}\", which is not known", printable(name)));
  }

  bool has(std::string_view key) const { return file_.header.values.contains(full(key)); }
  std::vector<std::string_view> texts(std::string_view key) const {
    return read_texts(file_.mapped.bytes(), array(key), full(key), place_);
  }
  /// @param below all of them are.
  std::vector<std::int32_t> tokens(std::string_view key, std::size_t below) const {
    auto ids = read_integers(file_.mapped.bytes(), array(key), full(key), place_);
    for (const std::int32_t id : ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= below) refuse(key, fmt::format("holds {}, which is no token", id));
    }
    return ids;
  }
  std::int32_t token(std::string_view key, std::size_t below) const {
    return static_cast<std::int32_t>(size(key, 0, below - 1));
  }

 private:
  static std::string full(std::string_view key) { return fmt::format("{}.{}", kTranslatorArchitecture, key); }
  const GgufArray& array(std::string_view key) const {
    const GgufArray* found = file_.header.array(full(key));
    if (found == nullptr) refuse(key, "is missing");
    return *found;
  }

  const ModelFile& file_;
  std::string_view place_;
};

/// A tokenizer whose ids are numbered otherwise.
class RenumberedTokenizer final : public Tokenizer {
 public:
  RenumberedTokenizer(std::unique_ptr<Tokenizer> inner, std::vector<TokenId> ids, std::size_t size)
      : inner_(std::move(inner)), ids_(std::move(ids)), size_(size) {}

  std::vector<TokenId> tokenize(std::string_view text) const override {
    std::vector<TokenId> tokens = inner_->tokenize(text);
    for (TokenId& token : tokens) token = ids_[static_cast<std::size_t>(token)];
    return tokens;
  }
  std::size_t vocabulary_size() const override { return size_; }
  const SpecialTokens& special() const override { return special_; }

 private:
  std::unique_ptr<Tokenizer> inner_;
  std::vector<TokenId> ids_;
  std::size_t size_;
  SpecialTokens special_;
};

MarianConfig read_config(const Keys& keys) {
  MarianConfig config;
  config.encoder_layers = keys.size("encoder.block_count", 1, kMostLayers);
  config.decoder_layers = keys.size("decoder.block_count", 1, kMostLayers);
  config.width = keys.size("embedding_length", 4, kMostWidth);
  config.heads = keys.size("attention.head_count", 1, config.width);
  if (config.width % config.heads != 0 || config.width % 2 != 0) {
    keys.refuse("attention.head_count",
                fmt::format("is {}, which a width of {} cannot be shared by", config.heads, config.width));
  }
  config.source_vocabulary = config.target_vocabulary = keys.size("vocabulary_size", 1, kMostVocabulary);
  config.activation = keys.activation();
  config.recurrent_decoder = false;
  config.norm_first = keys.flag("norm_first");
  config.scaled_embedding = keys.flag("scaled_embedding");
  config.frequency_steps = keys.real("position.frequency_steps");
  config.first_position = keys.size("position.first", 0, kMostVocabulary);
  return config;
}

marian::ModelParts read_parts(const Keys& keys, const ModelTensors& tensors, Precision precision) {
  marian::ModelParts parts;
  parts.precision = precision;
  parts.config = read_config(keys);
  const MarianConfig& config = parts.config;
  const std::size_t width = config.width;
  const float epsilon = keys.real("attention.layer_norm_epsilon");
  const auto norm = [&](const std::string& name) {
    return marian::Norm{tensors.vector(name + ".weight", width), tensors.vector(name + ".bias", width), epsilon};
  };
  const auto affine = [&](const std::string& name, std::size_t outputs, std::size_t inputs, float gain = 1) {
    return marian::Affine(precision, tensors.matrix(name + ".weight", outputs, inputs),
                          tensors.vector_or_zeros(name + ".bias", outputs), outputs, inputs, gain);
  };
  const auto attention = [&](const std::string& name, float gain) {
    return marian::SelfAttention{affine(name + "_q", width, width, gain), affine(name + "_k", width, width),
                                 affine(name + "_v", width, width), affine(name + "_out", width, width),
                                 norm(name + "_norm")};
  };
  const auto feed_forward = [&](const std::string& name, std::size_t inner) {
    return marian::FeedForward{affine(name + "ffn_up", inner, width), affine(name + "ffn_down", width, inner),
                               norm(name + "ffn_norm")};
  };
  const std::size_t encoder_inner = keys.size("encoder.feed_forward_length", 1, kMostWidth);
  for (std::size_t layer = 0; layer < config.encoder_layers; ++layer) {
    const std::string name = fmt::format("enc.{}.", layer);
    parts.encoder.push_back(
        {attention(name + "self", marian::base_two_query_gain(config)), feed_forward(name, encoder_inner)});
  }
  const std::size_t decoder_inner = keys.size("decoder.feed_forward_length", 1, kMostWidth);
  for (std::size_t layer = 0; layer < config.decoder_layers; ++layer) {
    const std::string name = fmt::format("dec.{}.", layer);
    parts.decoder.push_back({attention(name + "self", marian::query_gain(config)),
                             attention(name + "cross", marian::query_gain(config)), feed_forward(name, decoder_inner)});
  }
  if (config.norm_first) {
    parts.encoder_norm = norm("enc.norm");
    parts.decoder_norm = norm("dec.norm");
  }
  const auto embedding = tensors.table("token_embd.weight", config.source_vocabulary, width);
  parts.source = embedding;
  parts.target = embedding;
  parts.output_bias = tensors.has("output.bias") ? tensors.matrix("output.bias", 1, config.target_vocabulary)
                                                 : std::vector<float>(config.target_vocabulary);
  return parts;
}

/// SentencePiece's pieces have ids of their own; the model knows them by their text.
std::unique_ptr<Tokenizer> open_source_pieces(const ModelFile& file, const std::vector<std::string_view>& pieces,
                                              TokenId unknown, std::string_view place) {
  const auto found = std::ranges::find(file.header.tensors, kSourceVocabularyTensor, &GgufTensor::name);
  if (found == file.header.tensors.end()) {
    throw InvalidData(fmt::format("{}: has neither a tokenizer nor \"{}\"", place, kSourceVocabularyTensor));
  }
  const std::string where = fmt::format("{}: {}", place, kSourceVocabularyTensor);
  const SentencePieceModel model =
      read_sentence_piece_model(file.mapped.bytes().subspan(found->offset, found->bytes), where);
  std::unordered_map<std::string_view, TokenId> by_text;
  for (std::size_t id = 0; id < pieces.size(); ++id) by_text.emplace(pieces[id], static_cast<TokenId>(id));
  std::vector<TokenId> ids;
  for (const auto& piece : model.pieces) {
    const auto known = piece.kind == PieceKind::unknown ? by_text.end() : by_text.find(piece.text);
    ids.push_back(known == by_text.end() ? unknown : known->second);
  }
  return std::make_unique<RenumberedTokenizer>(make_sentence_piece_tokenizer(model, where), std::move(ids),
                                               pieces.size());
}

std::shared_ptr<const PieceVocabulary> read_vocabulary(const Keys& keys, const ModelFile& file, std::size_t size,
                                                       std::string_view place) {
  const auto texts = keys.texts("pieces");
  if (texts.empty() || texts.size() > size) keys.refuse("pieces", "does not fit the vocabulary");
  PieceVocabulary::Parts parts;
  parts.end = keys.token("token.end", texts.size());
  parts.unknown = keys.token("token.unknown", texts.size());
  for (const std::string_view text : texts) parts.pieces.push_back({std::string(text), 0, PieceKind::normal});
  for (const std::int32_t id : keys.tokens("token.control", texts.size())) {
    parts.pieces[static_cast<std::size_t>(id)].kind = PieceKind::control;
  }
  parts.pieces[static_cast<std::size_t>(parts.unknown)].kind = PieceKind::unknown;
  if (file.header.text("tokenizer.huggingface.json")) {
    parts.tokenizer = open_tokenizer(file.header, file.mapped.bytes(), place);
    if (parts.tokenizer->vocabulary_size() > texts.size()) keys.refuse("pieces", "does not fit the tokenizer");
  } else {
    parts.tokenizer = open_source_pieces(file, texts, parts.unknown, place);
  }
  return std::make_shared<PieceVocabulary>(std::move(parts));
}

NeuralLanguages read_languages(const Keys& keys, std::size_t vocabulary) {
  NeuralLanguages languages;
  for (const std::string_view tag : keys.texts("languages")) languages.list.push_back(Language::parse(tag));
  if (keys.has("language_tokens")) languages.tokens = keys.tokens("language_tokens", vocabulary);
  if (keys.has("token.target")) languages.target_token = keys.token("token.target", vocabulary);
  const bool fits =
      languages.tokens.empty() ? languages.list.size() == 2 : languages.list.size() == languages.tokens.size();
  if (!fits) keys.refuse("languages", "are neither a source and a target nor one for each token");
  return languages;
}

}  // namespace

bool is_seq2seq_model(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return false;
  return open_model_file(path).header.text("general.architecture") == kTranslatorArchitecture;
}

NeuralModel open_seq2seq_model(const std::filesystem::path& path, const std::string& sha256, Precision precision) {
  const std::string place = path.string();
  if (precision == Precision::bf16) {
    throw InvalidArgument(fmt::format("{}: a translation model runs in int8 or f32, not in bf16", place));
  }
  ModelFile file = open_model_file(path);
  const Keys keys(file, place);
  const ModelTensors tensors(file.header, file.mapped.bytes(), place);
  NeuralModel model(read_parts(keys, tensors, precision));
  const std::size_t size = model.model.config().target_vocabulary;
  model.sha256 = sha256.empty() ? sha256_of_file(path) : sha256;
  model.languages = read_languages(keys, size);
  model.source = read_vocabulary(keys, file, size, place);
  model.target = model.source;
  model.search.beam_size = keys.size("beam_size", 1, kMostBeam);
  model.search.normalize = keys.real("length_penalty");
  model.search.end = model.target->end();
  model.search.never = keys.tokens("token.never", size);
  model.search.never.push_back(model.target->unknown());
  model.search.prompt = {keys.token("token.start", size)};
  model.mapped.push_back(std::move(file.mapped));
  return model;
}

}  // namespace dragoman
