#include "translate/tiny_marian.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <random>

namespace dragoman::test {
namespace {

constexpr float kInputMultiplier = 24;  // Inputs beyond 127 / 24 are cut off.
constexpr std::size_t kFirst = 6;       // Targets that every source may become.

void append(std::string& to, const void* from, std::size_t size) { to.append(static_cast<const char*>(from), size); }

template <typename T>
void put(std::string& to, T value) {
  append(to, &value, sizeof(value));
}

void put_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) to += static_cast<char>((value & 0x7F) | 0x80);
  to += static_cast<char>(value);
}

std::string field(std::uint64_t number, const std::string& bytes) {
  std::string text;
  put_varint(text, number << 3 | 2);
  put_varint(text, bytes.size());
  return text + bytes;
}

/// Marian keeps matrices as [inputs, outputs] by name, turned in the file; embeddings as they are.
bool is_embedding(const std::string& name) { return name == "Wemb"; }

}  // namespace

const std::vector<std::string>& TinyMarian::pieces() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> pieces = {"</s>", "<unk>"};
    for (const char* word : {"maji", "ni", "uhai", "вода", "жизнь", "water", "is", "life"}) {
      pieces.push_back("\u2581" + std::string(word));
    }
    for (const char* letter : {"\u2581", ".", ",", "a", "i", "m", "水"}) pieces.emplace_back(letter);
    return pieces;
  }();
  return all;
}

TinyMarian::TinyMarian(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  const auto matrix = [&](const std::string& name, std::size_t outputs, std::size_t inputs) {
    TinyMatrix made{outputs, inputs, {}, 127.0f / 1.2f};
    for (std::size_t i = 0; i < outputs * inputs; ++i) {
      made.bytes.push_back(static_cast<std::int8_t>(std::clamp(std::lrint(40 * normal(random)), -127L, 127L)));
    }
    matrices_.emplace(name, std::move(made));
  };
  const auto vector = [&](const std::string& name, std::size_t size, float mean, float deviation) {
    auto& made = vectors_[name];
    for (std::size_t i = 0; i < size; ++i) made.push_back(mean + deviation * normal(random));
  };
  const auto norm = [&](const std::string& name) {
    vector(name + "_scale", kWidth, 1, 0.1f);
    vector(name + "_bias", kWidth, 0, 0.1f);
  };
  const auto attention = [&](const std::string& prefix) {
    for (const char* part : {"q", "k", "v", "o"}) {
      matrix(prefix + "_W" + part, kWidth, kWidth);
      vector(prefix + "_b" + part, kWidth, 0, 0.1f);
    }
    norm(prefix + "_Wo_ln");
  };
  const auto layer = [&](const std::string& prefix) {
    matrix(prefix + "_ffn_W1", kInner, kWidth);
    vector(prefix + "_ffn_b1", kInner, 0, 0.1f);
    matrix(prefix + "_ffn_W2", kWidth, kInner);
    vector(prefix + "_ffn_b2", kWidth, 0, 0.1f);
    norm(prefix + "_ffn_ffn_ln");
  };
  for (std::size_t i = 1; i <= kEncoderLayers; ++i) {
    attention("encoder_l" + std::to_string(i) + "_self");
    layer("encoder_l" + std::to_string(i));
  }
  for (std::size_t i = 1; i <= kDecoderLayers; ++i) {
    const std::string prefix = "decoder_l" + std::to_string(i);
    matrix(prefix + "_rnn_W", kWidth, kWidth);
    matrix(prefix + "_rnn_Wf", kWidth, kWidth);
    vector(prefix + "_rnn_bf", kWidth, 0, 0.5f);
    norm(prefix + "_rnn_ffn_ln");
    attention(prefix + "_context");
    layer(prefix);
  }
  matrix("Wemb", pieces().size(), kWidth);
  vector("decoder_ff_logit_out_b", pieces().size(), 0, 0.5f);
}

std::string TinyMarian::settings() {
  return "models:\n  - model.bin\nvocabs:\n  - vocab.spm\n  - vocab.spm\nshortlist:\n  - lex.bin\n  - false\n"
         "beam-size: 1\nnormalize: 1.0\nword-penalty: 0\nmax-length-factor: 2.0\n";
}

std::size_t TinyMarian::most_tokens(std::size_t source_tokens) { return 2 * source_tokens; }

std::string TinyMarian::model_bytes() const {
  const std::string config =
      "type: transformer\ntransformer-decoder-autoreg: rnn\ndec-cell: ssru\ntransformer-preprocess: \"\"\n"
      "transformer-postprocess: dan\ntransformer-postprocess-emb: d\ntransformer-ffn-activation: relu\n"
      "enc-depth: 2\ndec-depth: 2\ntransformer-heads: 2\ndim-emb: 16\ntied-embeddings-all: true\ndim-vocabs:\n  - " +
      std::to_string(pieces().size()) + "\n  - " + std::to_string(pieces().size()) + "\n";
  struct Item {
    std::string name;
    std::uint64_t type;
    std::int32_t rows, columns;
    std::string data;
  };
  std::vector<Item> items;
  const auto number = [&](const std::string& name, float value) {
    std::string data;
    put(data, value);
    items.push_back({name, 0x0404, 1, 1, data});
  };
  for (const auto& [name, matrix] : matrices_) {
    std::string data(reinterpret_cast<const char*>(matrix.bytes.data()), matrix.bytes.size());
    put(data, matrix.multiplier);
    const auto outputs = static_cast<std::int32_t>(matrix.outputs), inputs = static_cast<std::int32_t>(matrix.inputs);
    const bool turned = !is_embedding(name);
    items.push_back({name, 0x4101, turned ? inputs : outputs, turned ? outputs : inputs, data});
    if (turned) number(name + "_QuantMultA", kInputMultiplier);
  }
  number("none_QuantMultA", kInputMultiplier);
  for (const auto& [name, vector] : vectors_) {
    std::string data;
    append(data, vector.data(), vector.size() * sizeof(float));
    items.push_back({name, 0x0404, 1, static_cast<std::int32_t>(vector.size()), data});
  }
  items.push_back({"special:model.yml", 0x0101, 1, static_cast<std::int32_t>(config.size() + 1), config + '\0'});

  std::string file;
  put<std::uint64_t>(file, 1);
  put<std::uint64_t>(file, items.size());
  for (const Item& item : items) {
    for (const std::uint64_t value : {item.name.size() + 1, item.type, std::uint64_t{2}, item.data.size()})
      put(file, value);
  }
  for (const Item& item : items) file += item.name + '\0';
  for (const Item& item : items) {
    put(file, item.rows);
    put(file, item.columns);
  }
  const std::size_t padding = (256 - (file.size() + 8) % 256) % 256;
  put<std::uint64_t>(file, padding);
  file.append(padding, '\0');
  for (const Item& item : items) file += item.data;
  return file;
}

std::string TinyMarian::vocabulary_bytes() {
  std::string file;
  for (std::size_t i = 0; i < pieces().size(); ++i) {
    std::string piece = field(1, pieces()[i]);
    piece += static_cast<char>(2 << 3 | 5);
    put(piece, i < 2 ? 0.0f : -static_cast<float>(i));
    if (i < 2) piece += {static_cast<char>(3 << 3), static_cast<char>(i == 0 ? 3 : 2)};
    file += field(1, piece);
  }
  file += field(2, {static_cast<char>(3 << 3), 1});                                // Unigram.
  file += field(3, {static_cast<char>(3 << 3), 1, static_cast<char>(4 << 3), 1});  // A space before the text.
  return file;
}

std::vector<std::int32_t> TinyMarian::candidates(const std::vector<std::int32_t>& source) const {
  std::vector<std::int32_t> found;
  for (std::size_t i = 0; i < pieces().size(); ++i) {
    const auto id = static_cast<std::int32_t>(i);
    const auto named = [&](std::int32_t token) { return id == (token + 5) % 17 || id == (token + 9) % 17; };
    if (i < kFirst || std::ranges::any_of(source, named)) found.push_back(id);
  }
  for (std::size_t i = kFirst; i < pieces().size() && found.size() % 8 != 0; ++i) {
    if (std::ranges::find(found, static_cast<std::int32_t>(i)) == found.end())
      found.push_back(static_cast<std::int32_t>(i));
  }
  std::ranges::sort(found);
  return found;
}

std::string TinyMarian::shortlist_bytes() const {
  std::string file;
  const std::size_t words = pieces().size();
  put<std::uint64_t>(file, 0xF11A48D5013417F5);
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{kFirst}, std::uint64_t{2}, words + 1, 2 * words})
    put(file, value);
  for (std::uint64_t i = 0; i <= words; ++i) put(file, 2 * i);
  for (std::uint32_t token = 0; token < words; ++token) {
    put<std::uint32_t>(file, (token + 5) % 17);
    put<std::uint32_t>(file, (token + 9) % 17);
  }
  return file;
}

void TinyMarian::write(const std::filesystem::path& folder) const {
  const auto save = [&](const char* name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  };
  save("config.yml", settings());
  save("model.bin", model_bytes());
  save("vocab.spm", vocabulary_bytes());
  save("lex.bin", shortlist_bytes());
}

TinyMarian::State TinyMarian::embed(std::int32_t token, std::size_t position) const {
  State x(kWidth);
  for (std::size_t i = 0; i < kWidth / 2; ++i) {
    const double angle =
        static_cast<double>(position) * std::pow(10000.0, -static_cast<double>(i) / (kWidth / 2.0 - 1));
    x[i] = std::sin(angle);
    x[kWidth / 2 + i] = std::cos(angle);
  }
  if (token < 0) return x;
  for (std::size_t i = 0; i < kWidth; ++i) {
    x[i] += matrices_.at("Wemb").at(static_cast<std::size_t>(token), i) * std::sqrt(double{kWidth});
  }
  return x;
}

TinyMarian::State TinyMarian::affine(const std::string& weights, const std::string& bias, const State& x) const {
  const TinyMatrix& matrix = matrices_.at(weights);
  State y;
  for (std::size_t output = 0; output < matrix.outputs; ++output) {
    double sum = bias.empty() ? 0 : vectors_.at(bias)[output];
    for (std::size_t input = 0; input < matrix.inputs; ++input) sum += matrix.at(output, input) * x[input];
    y.push_back(sum);
  }
  return y;
}

TinyMarian::State TinyMarian::normalised(const std::string& norm, State x, const State& added) const {
  double mean = 0, variance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) mean += (x[i] += added[i]) / static_cast<double>(x.size());
  for (const double value : x) variance += (value - mean) * (value - mean) / static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] =
        (x[i] - mean) / std::sqrt(variance + 1e-6) * vectors_.at(norm + "_scale")[i] + vectors_.at(norm + "_bias")[i];
  }
  return x;
}

TinyMarian::State TinyMarian::attend(const std::string& prefix, const State& from, const std::vector<State>& to) const {
  const State query = affine(prefix + "_Wq", prefix + "_bq", from);
  std::vector<State> keys, values;
  for (const State& state : to) {
    keys.push_back(affine(prefix + "_Wk", prefix + "_bk", state));
    values.push_back(affine(prefix + "_Wv", prefix + "_bv", state));
  }
  constexpr std::size_t kSize = kWidth / kHeads;
  State context(kWidth, 0);
  for (std::size_t head = 0; head < kHeads; ++head) {
    State weights(to.size(), 0);
    double sum = 0;
    for (std::size_t j = 0; j < to.size(); ++j) {
      for (std::size_t k = head * kSize; k < (head + 1) * kSize; ++k) weights[j] += query[k] * keys[j][k];
      sum += weights[j] = std::exp(weights[j] / std::sqrt(double{kSize}));
    }
    for (std::size_t j = 0; j < to.size(); ++j) {
      for (std::size_t k = head * kSize; k < (head + 1) * kSize; ++k) context[k] += weights[j] / sum * values[j][k];
    }
  }
  return normalised(prefix + "_Wo_ln", affine(prefix + "_Wo", prefix + "_bo", context), from);
}

TinyMarian::State TinyMarian::feed_forward(const std::string& prefix, const State& x) const {
  State inner = affine(prefix + "_ffn_W1", prefix + "_ffn_b1", x);
  for (double& value : inner) value = std::max(value, 0.0);
  return normalised(prefix + "_ffn_ffn_ln", affine(prefix + "_ffn_W2", prefix + "_ffn_b2", inner), x);
}

std::vector<TinyMarian::State> TinyMarian::encode(const std::vector<std::int32_t>& source) const {
  std::vector<State> states;
  for (std::size_t i = 0; i < source.size(); ++i) states.push_back(embed(source[i], i));
  for (std::size_t layer = 1; layer <= kEncoderLayers; ++layer) {
    const std::string prefix = "encoder_l" + std::to_string(layer);
    std::vector<State> next;
    for (const State& state : states) next.push_back(feed_forward(prefix, attend(prefix + "_self", state, states)));
    states = std::move(next);
  }
  return states;
}

std::vector<double> TinyMarian::next(const std::vector<std::int32_t>& source,
                                     const std::vector<std::int32_t>& prefix) const {
  const std::vector<State> context = encode(source);
  std::vector<State> cells(kDecoderLayers, State(kWidth, 0));
  State x;
  for (std::size_t step = 0; step <= prefix.size(); ++step) {
    x = embed(step == 0 ? -1 : prefix[step - 1], step);
    for (std::size_t layer = 0; layer < kDecoderLayers; ++layer) {
      const std::string name = "decoder_l" + std::to_string(layer + 1);
      const State value = affine(name + "_rnn_W", "", x), forget = affine(name + "_rnn_Wf", name + "_rnn_bf", x);
      State output(kWidth);
      for (std::size_t i = 0; i < kWidth; ++i) {
        const double keep = 1 / (1 + std::exp(-forget[i]));
        cells[layer][i] = keep * cells[layer][i] + (1 - keep) * value[i];
        output[i] = std::max(cells[layer][i], 0.0);
      }
      x = feed_forward(name, attend(name + "_context", normalised(name + "_rnn_ffn_ln", output, x), context));
    }
  }
  std::vector<double> scores;
  double sum = 0;
  for (const std::int32_t id : candidates(source)) {
    double score = vectors_.at("decoder_ff_logit_out_b")[static_cast<std::size_t>(id)];
    for (std::size_t i = 0; i < kWidth; ++i) score += x[i] * matrices_.at("Wemb").at(static_cast<std::size_t>(id), i);
    scores.push_back(score);
    sum += std::exp(score);
  }
  for (double& score : scores) score -= std::log(sum);
  return scores;
}

std::vector<std::int32_t> TinyMarian::greedy(const std::vector<std::int32_t>& source) const {
  const auto ids = candidates(source);
  std::vector<std::int32_t> translation;
  while (translation.size() < most_tokens(source.size())) {
    auto scores = next(source, translation);
    scores[static_cast<std::size_t>(std::ranges::find(ids, 1) - ids.begin())] = -INFINITY;
    const auto best = ids[static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin())];
    if (best == 0) break;
    translation.push_back(best);
  }
  return translation;
}

}  // namespace dragoman::test
