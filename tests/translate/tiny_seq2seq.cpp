#include "translate/tiny_seq2seq.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "translate/tiny_marian.h"

namespace dragoman::test {
namespace {

using Json = nlohmann::ordered_json;

void save(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TinySeq2Seq::TinySeq2Seq(TinyFamily family, std::uint64_t seed) : family_(family), pieces_(TinyMarian::pieces()) {
  if (family == TinyFamily::m2m) {
    pieces_ = {"<s>", "<pad>", "</s>", "<unk>", "swh_Latn", "arb_Arab"};
    for (const char* piece :
         {"\u2581maji", "\u2581ni", "\u2581uhai", "\u2581الماء", "\u2581حياة", "\u2581", "a", "i"}) {
      pieces_.emplace_back(piece);
    }
  } else {
    std::swap(pieces_[2], pieces_[12]);  // Ids are not those of the SentencePiece model.
    pieces_.emplace_back("<pad>");
  }
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  const auto tensor = [&](const std::string& name, std::vector<std::size_t> shape, float mean, float deviation) {
    std::size_t size = 1;
    for (const std::size_t one : shape) size *= one;
    Tensor& made = tensors_[name];
    made.shape = std::move(shape);
    for (std::size_t i = 0; i < size; ++i) made.values.push_back(mean + deviation * normal(random));
  };
  const auto linear = [&](const std::string& name, std::size_t out, std::size_t in) {
    tensor(name + ".weight", {out, in}, 0, 2 / std::sqrt(static_cast<float>(in)));
    tensor(name + ".bias", {out}, 0, 0.2f);
  };
  const auto norm = [&](const std::string& name) {
    tensor(name + ".weight", {kWidth}, 1, 0.1f);
    tensor(name + ".bias", {kWidth}, 0, 0.1f);
  };
  const auto attention = [&](const std::string& name) {
    for (const char* part : {"q", "k", "v", "out"}) linear(name + "." + part + "_proj", kWidth, kWidth);
    norm(name + "_layer_norm");
  };
  for (const std::string stack : {"encoder", "decoder"}) {
    for (std::size_t i = 0; i < kLayers; ++i) {
      const std::string layer = "model." + stack + ".layers." + std::to_string(i) + ".";
      attention(layer + "self_attn");
      if (stack == "decoder") attention(layer + "encoder_attn");
      linear(layer + "fc1", kInner, kWidth);
      linear(layer + "fc2", kWidth, kInner);
      norm(layer + "final_layer_norm");
    }
    if (norm_first()) norm("model." + stack + ".layer_norm");
  }
  const std::size_t rows = pieces_.size() + (family == TinyFamily::m2m ? 1 : 0);
  tensor("model.shared.weight", {rows, kWidth}, 0, 0.5f);
  if (family == TinyFamily::marian) tensor("final_logits_bias", {1, rows}, 0, 0.5f);
  // Half of each folder's tensors have a copy, as older files do.
  if (family == TinyFamily::marian) tensors_["lm_head.weight"] = tensors_["model.shared.weight"];
}

std::int32_t TinySeq2Seq::id(const std::string& piece) const {
  return static_cast<std::int32_t>(std::ranges::find(pieces_, piece) - pieces_.begin());
}

void TinySeq2Seq::write(const std::filesystem::path& folder) const {
  const bool m2m = family_ == TinyFamily::m2m;
  const std::int32_t pad = id("<pad>"), end = id("</s>");
  const Json config = {{"model_type", m2m ? "m2m_100" : "marian"},
                       {"is_encoder_decoder", true},
                       {"d_model", kWidth},
                       {"encoder_layers", kLayers},
                       {"decoder_layers", kLayers},
                       {"encoder_attention_heads", kHeads},
                       {"decoder_attention_heads", kHeads},
                       {"encoder_ffn_dim", kInner},
                       {"decoder_ffn_dim", kInner},
                       {"vocab_size", tensors_.at("model.shared.weight").shape[0]},
                       {"activation_function", m2m ? "relu" : "swish"},
                       {"scale_embedding", true},
                       {"eos_token_id", end},
                       {"pad_token_id", pad},
                       {"decoder_start_token_id", m2m ? end : pad}};
  save(folder / "config.json", config.dump());
  save(folder / "generation_config.json", Json{{"num_beams", 1}, {"bad_words_ids", {{pad}}}}.dump());

  Json header;
  std::string data;
  for (const auto& [name, tensor] : tensors_) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float));
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  std::string size(8, '\0');
  const std::uint64_t bytes = text.size();
  std::memcpy(size.data(), &bytes, sizeof(bytes));
  save(folder / "model.safetensors", size + text + data);

  Json ids = Json::object();
  for (std::size_t i = 0; i < pieces_.size(); ++i) ids[pieces_[i]] = i;
  if (!m2m) {
    save(folder / "vocab.json", ids.dump());
    save(folder / "source.spm", TinyMarian::vocabulary_bytes());
    return;
  }
  Json added = Json::array();
  for (std::size_t i = 0; i < 6; ++i) added.push_back({{"id", i}, {"content", pieces_[i]}, {"special", true}});
  Json scores = Json::array();
  for (std::size_t i = 0; i < pieces_.size(); ++i)
    scores.push_back({pieces_[i], i < 6 ? 0.0 : -static_cast<double>(i)});
  const Json metaspace = {{"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", "always"}};
  save(folder / "tokenizer.json", Json{{"added_tokens", added},
                                       {"normalizer", nullptr},
                                       {"pre_tokenizer", metaspace},
                                       {"model", {{"type", "Unigram"}, {"unk_id", 3}, {"vocab", scores}}}}
                                      .dump());
}

double TinySeq2Seq::weight(const std::string& name, std::size_t row, std::size_t column) const {
  const Tensor& tensor = tensors_.at(name);
  return tensor.values[row * tensor.shape.back() + column];
}

TinySeq2Seq::State TinySeq2Seq::embed(std::int32_t token, std::size_t position) const {
  constexpr std::size_t kHalf = kWidth / 2;
  // fairseq's first position stands behind the padding's id, which is 1.
  const double at = static_cast<double>(norm_first() ? position + 2 : position);
  const double steps = norm_first() ? kHalf - 1.0 : kHalf;
  State x(kWidth);
  for (std::size_t i = 0; i < kHalf; ++i) {
    const double angle = at * std::pow(10000.0, -static_cast<double>(i) / steps);
    x[i] = std::sin(angle);
    x[kHalf + i] = std::cos(angle);
  }
  for (std::size_t i = 0; i < kWidth; ++i) {
    x[i] += weight("model.shared.weight", static_cast<std::size_t>(token), i) * std::sqrt(double{kWidth});
  }
  return x;
}

TinySeq2Seq::State TinySeq2Seq::linear(const std::string& name, const State& x) const {
  State y;
  for (std::size_t row = 0; row < tensors_.at(name + ".bias").values.size(); ++row) {
    double sum = weight(name + ".bias", 0, row);
    for (std::size_t i = 0; i < x.size(); ++i) sum += weight(name + ".weight", row, i) * x[i];
    y.push_back(sum);
  }
  return y;
}

TinySeq2Seq::State TinySeq2Seq::norm(const std::string& name, const State& x) const {
  double mean = 0, variance = 0;
  for (const double value : x) mean += value / kWidth;
  for (const double value : x) variance += (value - mean) * (value - mean) / kWidth;
  State y;
  for (std::size_t i = 0; i < kWidth; ++i) {
    y.push_back((x[i] - mean) / std::sqrt(variance + 1e-5) * weight(name + ".weight", 0, i) +
                weight(name + ".bias", 0, i));
  }
  return y;
}

TinySeq2Seq::State TinySeq2Seq::attend(const std::string& name, const State& from, const States& to) const {
  constexpr std::size_t kSize = kWidth / kHeads;
  const State query = linear(name + ".q_proj", from);
  State context(kWidth, 0);
  for (std::size_t head = 0; head < kHeads; ++head) {
    double sum = 0;
    State mixed(kWidth, 0);
    for (const State& state : to) {
      const State key = linear(name + ".k_proj", state), value = linear(name + ".v_proj", state);
      double score = 0;
      for (std::size_t k = head * kSize; k < (head + 1) * kSize; ++k) score += query[k] * key[k];
      const double share = std::exp(score / std::sqrt(double{kSize}));
      sum += share;
      for (std::size_t k = head * kSize; k < (head + 1) * kSize; ++k) mixed[k] += share * value[k];
    }
    for (std::size_t k = head * kSize; k < (head + 1) * kSize; ++k) context[k] = mixed[k] / sum;
  }
  return linear(name + ".out_proj", context);
}

TinySeq2Seq::State TinySeq2Seq::feed_forward(const std::string& layer, const State& x) const {
  State inner = linear(layer + "fc1", x);
  for (double& value : inner) value = norm_first() ? std::max(value, 0.0) : value / (1 + std::exp(-value));
  return linear(layer + "fc2", inner);
}

template <typename Run>
TinySeq2Seq::State TinySeq2Seq::sublayer(const std::string& norm_name, const State& x, Run run) const {
  State sum = run(norm_first() ? norm(norm_name, x) : x);
  for (std::size_t i = 0; i < kWidth; ++i) sum[i] += x[i];
  return norm_first() ? sum : norm(norm_name, sum);
}

TinySeq2Seq::States TinySeq2Seq::encode(const std::vector<std::int32_t>& source) const {
  States states;
  for (std::size_t i = 0; i < source.size(); ++i) states.push_back(embed(source[i], i));
  for (std::size_t i = 0; i < kLayers; ++i) {
    const std::string layer = "model.encoder.layers." + std::to_string(i) + ".";
    const std::string norm_name = layer + "self_attn_layer_norm";
    States seen;
    for (const State& state : states) seen.push_back(norm_first() ? norm(norm_name, state) : state);
    for (State& state : states) {
      state = sublayer(norm_name, state, [&](const State& x) { return attend(layer + "self_attn", x, seen); });
      state = sublayer(layer + "final_layer_norm", state, [&](const State& x) { return feed_forward(layer, x); });
    }
  }
  if (norm_first()) {
    for (State& state : states) state = norm("model.encoder.layer_norm", state);
  }
  return states;
}

TinySeq2Seq::State TinySeq2Seq::decode(const States& memory, const std::vector<std::int32_t>& written) const {
  States states;
  for (std::size_t i = 0; i < written.size(); ++i) states.push_back(embed(written[i], i));
  for (std::size_t i = 0; i < kLayers; ++i) {
    const std::string layer = "model.decoder.layers." + std::to_string(i) + ".";
    const std::string norm_name = layer + "self_attn_layer_norm";
    States seen, next;
    for (const State& state : states) {
      seen.push_back(norm_first() ? norm(norm_name, state) : state);  // Itself and what is before it.
      State x = sublayer(norm_name, state, [&](const State& y) { return attend(layer + "self_attn", y, seen); });
      x = sublayer(layer + "encoder_attn_layer_norm", x,
                   [&](const State& y) { return attend(layer + "encoder_attn", y, memory); });
      next.push_back(sublayer(layer + "final_layer_norm", x, [&](const State& y) { return feed_forward(layer, y); }));
    }
    states = std::move(next);
  }
  return norm_first() ? norm("model.decoder.layer_norm", states.back()) : states.back();
}

std::vector<std::int32_t> TinySeq2Seq::greedy(const std::vector<std::int32_t>& source, std::vector<std::int32_t> prompt,
                                              const std::vector<std::int32_t>& never) const {
  const States memory = encode(source);
  const std::size_t first = prompt.size();
  std::vector<std::int32_t>& written = prompt;
  while (written.size() - first < 3 * source.size()) {
    const State x = decode(memory, written);
    std::int32_t best = -1;
    double most = -INFINITY;
    for (std::size_t token = 0; token < tensors_.at("model.shared.weight").shape[0]; ++token) {
      const auto candidate = static_cast<std::int32_t>(token);
      if (std::ranges::find(never, candidate) != never.end()) continue;
      double score = norm_first() ? 0 : weight("final_logits_bias", 0, token);
      for (std::size_t i = 0; i < kWidth; ++i) score += x[i] * weight("model.shared.weight", token, i);
      if (score > most) {
        most = score;
        best = candidate;
      }
    }
    if (best == id("</s>")) break;
    written.push_back(best);
  }
  return {written.begin() + static_cast<std::ptrdiff_t>(first), written.end()};
}

}  // namespace dragoman::test
