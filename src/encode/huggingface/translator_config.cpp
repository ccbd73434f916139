#include "encode/huggingface/translator_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"
#include "dragoman/text/language.h"
#include "encode/huggingface/config_reader.h"
#include "encode/huggingface/tokenizer_json.h"

namespace dragoman {
namespace {

constexpr const char* kConfig = "config.json";
constexpr const char* kGeneration = "generation_config.json";
constexpr std::uint64_t kMostBeam = 64;

TranslatorFamily family_of(const ConfigReader& config) {
  const std::string type = config.text("model_type");
  if (type == "marian") return TranslatorFamily::marian;
  if (type == "m2m_100") return TranslatorFamily::m2m;
  config.refuse(
      fmt::format("a sequence-to-sequence model of type \"{}\" cannot be run; \"marian\" (OPUS-MT) and "
                  "\"m2m_100\" (M2M100, NLLB) can",
                  printable(type)));
}

void refuse_unless(const ConfigReader& config, const char* name, bool otherwise, bool runnable) {
  if (config.flag(name, otherwise) != runnable) {
    config.refuse(fmt::format("\"{}\": {} cannot be run", name, !runnable));
  }
}

/// How translations are looked for, which older models say in config.json.
void read_generation(const ConfigReader& said, TranslatorConfig& config) {
  config.beam_size = said.size("num_beams", kMostBeam, 1, config.beam_size);
  config.length_penalty = said.real("length_penalty", static_cast<double>(config.length_penalty));
  const auto words = said.json().find("bad_words_ids");
  if (words == said.json().end() || words->is_null()) return;
  if (!words->is_array()) said.refuse("\"bad_words_ids\" is no list");
  for (const Json& word : *words) {
    // Sequences of several tokens are left out: no translation model has any.
    if (!word.is_array() || word.size() != 1 || !word[0].is_number_unsigned()) continue;
    const auto id = word[0].get<std::uint64_t>();
    if (id >= config.vocabulary) said.refuse(fmt::format("\"bad_words_ids\" holds {}, beyond the vocabulary", id));
    config.never.push_back(static_cast<std::int32_t>(id));
  }
}

/// The language a token stands for, if it is one.
std::optional<Language> language_of(std::string_view token) {
  const bool opus = token.starts_with(">>") && token.ends_with("<<") && token.size() > 4;
  const bool m2m = token.starts_with("__") && token.ends_with("__") && token.size() > 4;
  // "eng_Latn"
  const bool nllb = token.size() == 8 && token[3] == '_';
  if (opus || m2m) token = token.substr(2, token.size() - 4);
  if (!opus && !m2m && !nllb) return std::nullopt;
  try {
    const Language language = Language::parse(token);
    return language.undetermined() ? std::nullopt : std::optional(language);
  } catch (const InvalidArgument&) {
    return std::nullopt;
  }
}

/// Puts a text at its id.
void put(std::vector<std::string>& pieces, const std::string& text, const Json& id, const TranslatorConfig& config,
         std::string_view place) {
  if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= config.vocabulary) {
    throw InvalidData(fmt::format("{}: the id of \"{}\" is none below {}, the model's vocabulary", place,
                                  printable(text), config.vocabulary));
  }
  const auto at = id.get<std::size_t>();
  if (pieces.size() <= at) pieces.resize(at + 1);
  pieces[at] = text;
}

void put_all(std::vector<std::string>& pieces, const Json& vocabulary, const TranslatorConfig& config,
             std::string_view place) {
  for (const auto& [text, id] : vocabulary.items()) put(pieces, text, id, config, place);
}

/// The pieces of a tokenizer.json, whose other parts its reader checks.
void read_pieces(const std::string& tokenizer, const TranslatorConfig& config, std::vector<std::string>& pieces) {
  constexpr std::string_view kPlace = "tokenizer.json";
  const Json json = parse_json_object(tokenizer, kPlace);
  const Json vocabulary = json.value("/model/vocab"_json_pointer, Json());
  if (vocabulary.is_object()) {
    put_all(pieces, vocabulary, config, kPlace);
  } else if (vocabulary.is_array()) {
    for (std::size_t id = 0; id < vocabulary.size(); ++id) {
      const Json& piece = vocabulary[id];
      if (!piece.is_array() || piece.empty() || !piece[0].is_string()) continue;
      put(pieces, piece[0].get<std::string>(), id, config, kPlace);
    }
  }
  for (const Json& token : json.value("added_tokens", Json::array())) {
    if (token.is_object() && token.contains("id")) {
      put(pieces, required_string(token, "content", kPlace), token["id"], config, kPlace);
    }
  }
}

}  // namespace

float TranslatorConfig::frequency_steps() const {
  const auto half = static_cast<float>(width / 2);
  return family == TranslatorFamily::m2m ? half - 1 : half;
}

bool is_sequence_to_sequence(std::string_view json, std::string_view place) {
  return ConfigReader(json, place).flag("is_encoder_decoder", false);
}

TranslatorConfig read_translator_config(const ReadText& read) {
  const auto text = read(kConfig);
  if (!text) throw NotFound(fmt::format("there is no {}", kConfig));
  const ConfigReader said(*text, kConfig);
  TranslatorConfig config;
  config.family = family_of(said);
  config.width = said.size("d_model");
  config.encoder_layers = said.size("encoder_layers", kMaxLayers);
  config.decoder_layers = said.size("decoder_layers", kMaxLayers);
  config.heads = said.size("encoder_attention_heads");
  if (said.size("decoder_attention_heads") != config.heads) {
    said.refuse("encoder and decoder differ in their number of heads, which cannot be run");
  }
  if (config.width % config.heads != 0 || config.width % 2 != 0 || config.width < 4) {
    said.refuse(fmt::format("a width of {} cannot be shared by {} heads", config.width, config.heads));
  }
  config.encoder_ffn = said.size("encoder_ffn_dim");
  config.decoder_ffn = said.size("decoder_ffn_dim");
  config.vocabulary = said.size("vocab_size", kMaxVocabulary);
  config.activation = said.activation("activation_function", config.norm_first() ? "relu" : "gelu");
  config.scaled_embedding = said.flag("scale_embedding", config.norm_first());
  refuse_unless(said, "share_encoder_decoder_embeddings", true, true);
  refuse_unless(said, "tie_word_embeddings", true, true);
  if (config.family == TranslatorFamily::marian) {
    refuse_unless(said, "normalize_before", false, false);
    refuse_unless(said, "normalize_embedding", false, false);
    refuse_unless(said, "add_final_layer_norm", false, false);
    refuse_unless(said, "static_position_embeddings", true, true);
  }
  const std::uint64_t last = config.vocabulary - 1;
  config.end = said.size("eos_token_id", last, 0);
  config.padding = said.size("pad_token_id", last, 0);
  config.start = said.size("decoder_start_token_id", last, 0);
  config.never.push_back(static_cast<std::int32_t>(config.padding));
  read_generation(said, config);
  if (const auto generation = read(kGeneration)) read_generation(ConfigReader(*generation, kGeneration), config);
  return config;
}

TranslatorVocabulary read_translator_vocabulary(const ReadText& read, const TranslatorConfig& config) {
  TranslatorVocabulary vocabulary;
  if (config.family == TranslatorFamily::m2m) {
    vocabulary.tokenizer = read_tokenizer_json(read, "", config.vocabulary);
    read_pieces(*vocabulary.tokenizer, config, vocabulary.pieces);
  } else {
    if (read("target_vocab.json")) {
      throw InvalidData("target_vocab.json: a model with a vocabulary for either language cannot be run");
    }
    const auto text = read("vocab.json");
    if (!text) throw NotFound("there is no vocab.json, which holds the ids of a Marian model's pieces");
    put_all(vocabulary.pieces, parse_json_object(*text, "vocab.json"), config, "vocab.json");
  }
  std::vector<std::int32_t>& control = vocabulary.control;
  for (const std::uint32_t id : {config.end, config.padding, config.start}) {
    control.push_back(static_cast<std::int32_t>(id));
  }
  std::optional<std::int32_t> unknown;
  for (std::size_t i = 0; i < vocabulary.pieces.size(); ++i) {
    const std::string& piece = vocabulary.pieces[i];
    const auto id = static_cast<std::int32_t>(i);
    if (piece == "<unk>") unknown = id;
    if (piece == "<s>" || piece == "<mask>") control.push_back(id);
    if (const auto language = language_of(piece)) {
      vocabulary.languages.push_back({language->tag(), id});
      control.push_back(id);
    }
  }
  if (!unknown) throw InvalidData("the vocabulary has no \"<unk>\"");
  vocabulary.unknown = *unknown;
  std::ranges::sort(control);
  control.erase(std::unique(control.begin(), control.end()), control.end());
  return vocabulary;
}

}  // namespace dragoman
