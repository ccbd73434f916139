#include "translate/marian/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cmath>

#include "dragoman/base/error.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr std::size_t kMostLayers = 256, kMostWidth = 1 << 16, kMostVocabulary = 1 << 24, kMostBeam = 64;

/// Settings of Marian: a map of names to scalars and lists.
class Settings {
 public:
  Settings(std::string_view yaml, std::string_view place) : place_(place) {
    // Zeros end the text in the model file.
    const std::string text(yaml.substr(0, yaml.find('\0')));
    try {
      root_ = YAML::Load(text);
    } catch (const YAML::Exception& error) {
      throw InvalidData(fmt::format("{}: is not YAML: {}", place_, error.what()));
    }
    if (!root_.IsMap()) throw InvalidData(fmt::format("{}: holds no settings", place_));
  }

  std::string text(const char* name, const std::string& otherwise) const { return scalar(root_[name], otherwise); }

  std::string required(const char* name) const {
    const std::string found = text(name, "");
    if (found.empty()) throw InvalidData(fmt::format("{}: \"{}\" is missing", place_, name));
    return found;
  }

  std::size_t size(const char* name, std::size_t most) const { return checked_size(required(name), name, most); }

  float real(const char* name, float otherwise) const {
    const YAML::Node node = root_[name];
    if (!node) return otherwise;
    float value = 0;
    if (!node.IsScalar() || !YAML::convert<float>::decode(node, value) || !std::isfinite(value)) {
      throw InvalidData(fmt::format("{}: \"{}\" must be a number", place_, name));
    }
    return value;
  }

  /// Elements of a list; a scalar is a list of one.
  std::vector<std::string> list(const char* name) const {
    const YAML::Node node = root_[name];
    std::vector<std::string> values;
    if (!node) return values;
    if (node.IsScalar()) return {node.Scalar()};
    for (const YAML::Node& value : node) values.push_back(scalar(value, ""));
    return values;
  }

  std::size_t checked_size(const std::string& text, const char* name, std::size_t most) const {
    std::size_t value = 0;
    if (!YAML::convert<std::size_t>::decode(YAML::Node(text), value) || value == 0 || value > most) {
      throw InvalidData(fmt::format("{}: \"{}\" is '{}'; 1 to {} is legal", place_, name, printable(text), most));
    }
    return value;
  }

  /// A setting that changes what is computed, and of which some values can be run.
  void must_be(const char* name, std::initializer_list<std::string_view> legal, const std::string& otherwise) const {
    const std::string value = text(name, otherwise);
    for (const std::string_view one : legal) {
      if (value == one) return;
    }
    throw InvalidArgument(fmt::format("{}: cannot run a model with {}: {}; {} can be run", place_, name,
                                      value.empty() ? "\"\"" : printable(value),
                                      legal.begin()->empty() ? "\"\"" : std::string(*legal.begin())));
  }

 private:
  static std::string scalar(const YAML::Node& node, const std::string& otherwise) {
    return node && node.IsScalar() ? node.Scalar() : otherwise;
  }

  std::string place_;
  YAML::Node root_;
};

}  // namespace

MarianConfig read_marian_config(std::string_view yaml, std::string_view place) {
  const Settings settings(yaml, place);
  settings.must_be("type", {"transformer"}, "");
  settings.must_be("transformer-decoder-autoreg", {"rnn"}, "self-attention");
  settings.must_be("dec-cell", {"ssru"}, "gru");
  settings.must_be("transformer-preprocess", {"", "d"}, "");
  settings.must_be("transformer-postprocess", {"dan", "an"}, "dan");
  settings.must_be("transformer-postprocess-emb", {"d", ""}, "d");
  settings.must_be("transformer-postprocess-top", {""}, "");
  settings.must_be("transformer-ffn-activation", {"relu", "swish"}, "swish");
  settings.must_be("transformer-ffn-depth", {"2"}, "2");
  settings.must_be("transformer-train-position-embeddings", {"false"}, "false");
  settings.must_be("transformer-no-projection", {"false"}, "false");
  settings.must_be("transformer-rnn-projection", {"false"}, "false");
  settings.must_be("transformer-depth-scaling", {"false"}, "false");
  settings.must_be("output-omit-bias", {"false"}, "false");
  settings.must_be("lemma-dim-emb", {"0"}, "0");
  settings.must_be("ulr", {"false"}, "false");
  if (!settings.list("transformer-tied-layers").empty()) {
    throw InvalidArgument(fmt::format("{}: cannot run a model with transformer-tied-layers", place));
  }
  MarianConfig config;
  config.encoder_layers = settings.size("enc-depth", kMostLayers);
  config.decoder_layers = settings.size("dec-depth", kMostLayers);
  config.heads = settings.size("transformer-heads", kMostLayers);
  config.width = settings.size("dim-emb", kMostWidth);
  if (config.width % 2 != 0 || config.width % config.heads != 0 || config.width < 4) {
    throw InvalidData(fmt::format("{}: a width of {} cannot be shared by {} heads", place, config.width, config.heads));
  }
  const auto vocabularies = settings.list("dim-vocabs");
  if (vocabularies.size() != 2) {
    throw InvalidArgument(
        fmt::format("{}: {} vocabularies; models of one source and one target can be run", place, vocabularies.size()));
  }
  config.source_vocabulary = settings.checked_size(vocabularies[0], "dim-vocabs", kMostVocabulary);
  config.target_vocabulary = settings.checked_size(vocabularies[1], "dim-vocabs", kMostVocabulary);
  config.one_embedding = settings.text("tied-embeddings-all", "false") == "true";
  if (!config.one_embedding) settings.must_be("tied-embeddings", {"true"}, "false");
  if (config.one_embedding && config.source_vocabulary != config.target_vocabulary) {
    throw InvalidData(fmt::format("{}: one embedding for vocabularies of {} and {} tokens", place,
                                  config.source_vocabulary, config.target_vocabulary));
  }
  const bool swish = settings.text("transformer-ffn-activation", "swish") == "swish";
  config.activation = swish ? Activation::silu : Activation::relu;
  config.frequency_steps = static_cast<float>(config.width / 2) - 1;
  return config;
}

MarianSettings read_marian_settings(std::string_view yaml, std::string_view place) {
  const Settings settings(yaml, place);
  MarianSettings found;
  const auto models = settings.list("models"), vocabularies = settings.list("vocabs");
  const auto shortlist = settings.list("shortlist");
  if (models.size() != 1) {
    throw InvalidData(fmt::format("{}: \"models\" names {} files; one can be run", place, models.size()));
  }
  if (vocabularies.size() != 2) {
    throw InvalidData(fmt::format("{}: \"vocabs\" names {} files; a model has two", place, vocabularies.size()));
  }
  found.model = models[0];
  found.source_vocabulary = vocabularies[0];
  found.target_vocabulary = vocabularies[1];
  if (!shortlist.empty()) found.shortlist = shortlist[0];
  found.beam_size = settings.checked_size(settings.text("beam-size", "1"), "beam-size", kMostBeam);
  found.normalize = settings.real("normalize", 0);
  found.word_penalty = settings.real("word-penalty", 0);
  found.max_length_factor = settings.real("max-length-factor", 3);
  if (!(found.max_length_factor > 0 && found.max_length_factor <= 100)) {
    throw InvalidData(fmt::format("{}: \"max-length-factor\" is {}; above 0 and at most 100 is legal", place,
                                  found.max_length_factor));
  }
  return found;
}

}  // namespace dragoman
