#include "encode/tiny_cross_encoder.h"

#include <ggml.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "encode/gguf_writer.h"

namespace dragoman::test {
namespace {

constexpr std::uint64_t kHidden = 32, kInner = 64, kHeads = 4, kLayers = 2;
constexpr float kEpsilon = 1e-5f;

}  // namespace

const std::vector<std::string>& TinyCrossEncoder::words() {
  static const std::vector<std::string> kWords = {"[PAD]", "[UNK]",  "[CLS]", "[SEP]", "[MASK]", "cat",  "dog",  "tea",
                                                  "кошка", "собака", "чай",   "茶",    "猫",     "chai", "paka", "चाय"};
  return kWords;
}

std::int32_t TinyCrossEncoder::id(const std::string& word) {
  return static_cast<std::int32_t>(std::ranges::find(words(), word) - words().begin());
}

TinyCrossEncoder::TinyCrossEncoder(std::uint64_t seed, Pairs pairs, std::uint64_t scores) : pairs_(pairs) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return static_cast<float>(random() >> 40) / 16777216.0f - 0.5f; };
  const auto matrix = [&](const std::string& name, std::uint64_t rows, std::uint64_t columns, float scale) {
    Matrix made{rows, columns, std::vector<float>(std::max<std::uint64_t>(rows, 1) * columns)};
    for (float& number : made.numbers) number = scale * uniform();
    matrices_.emplace_back(name, std::move(made));
  };
  const auto linear = [&](const std::string& name, std::uint64_t outputs, std::uint64_t inputs) {
    matrix(name + ".weight", outputs, inputs, 4 / std::sqrt(static_cast<float>(inputs)));
    matrix(name + ".bias", 0, outputs, 0.5f);
  };
  const auto norm = [&](const std::string& name) {
    matrix(name + ".weight", 0, kHidden, 0.5f);
    for (float& number : matrices_.back().second.numbers) number += 1;
    matrix(name + ".bias", 0, kHidden, 0.5f);
  };
  matrix("token_embd.weight", words().size(), kHidden, 2);
  matrix("position_embd.weight", kPositions, kHidden, 1);
  matrix("token_types.weight", pairs == Pairs::segments ? 2 : 1, kHidden, 2);
  norm("token_embd_norm");
  for (std::uint64_t i = 0; i < kLayers; ++i) {
    const std::string layer = "blk." + std::to_string(i) + ".";
    for (const char* part : {"attn_q", "attn_k", "attn_v", "attn_output"}) linear(layer + part, kHidden, kHidden);
    norm(layer + "attn_output_norm");
    linear(layer + "ffn_up", kInner, kHidden);
    linear(layer + "ffn_down", kHidden, kInner);
    norm(layer + "layer_output_norm");
  }
  linear("cls", kHidden, kHidden);
  linear("cls.output", scores, kHidden);
}

void TinyCrossEncoder::write(const std::filesystem::path& path, const std::vector<std::string>& labels) const {
  GgufWriter out(path);
  out.text("general.architecture", "bert");
  out.text("general.name", "tiny");
  out.number("bert.context_length", kPositions);
  out.number("bert.embedding_length", kHidden);
  out.number("bert.block_count", kLayers);
  out.number("bert.feed_forward_length", kInner);
  out.number("bert.attention.head_count", kHeads);
  out.real("bert.attention.layer_norm_epsilon", kEpsilon);
  out.flag("bert.attention.causal", false);
  out.number("bert.pooling_type", 4);  // Rank.
  if (!labels.empty()) out.texts("bert.classifier.output_labels", labels);
  std::vector<std::string> tokens;
  std::vector<std::int32_t> kinds;
  for (const std::string& word : words()) {
    const bool special = word.starts_with('[');
    tokens.push_back(special ? word : "\xE2\x96\x81" + word);
    kinds.push_back(word == "[UNK]" ? 2 : special ? 3 : 1);
  }
  out.text("tokenizer.ggml.model", "bert");
  out.texts("tokenizer.ggml.tokens", tokens);
  out.integers("tokenizer.ggml.token_type", kinds);
  out.number("tokenizer.ggml.token_type_count", pairs_ == Pairs::segments ? 2 : 1);
  for (const auto& [name, word] : std::vector<std::pair<std::string, std::string>>{{"padding", "[PAD]"},
                                                                                   {"unknown", "[UNK]"},
                                                                                   {"bos", "[CLS]"},
                                                                                   {"cls", "[CLS]"},
                                                                                   {"eos", "[SEP]"},
                                                                                   {"seperator", "[SEP]"},
                                                                                   {"mask", "[MASK]"}}) {
    out.number("tokenizer.ggml." + name + "_token_id", static_cast<std::uint64_t>(id(word)));
  }
  out.flag("tokenizer.ggml.add_bos_token", true);
  out.flag("tokenizer.ggml.add_eos_token", pairs_ == Pairs::doubled_separator);
  out.flag("tokenizer.ggml.add_sep_token", true);
  for (const auto& [name, matrix] : matrices_) out.tensor(name, GGML_TYPE_F32, matrix.rows, matrix.columns);
  out.begin();
  for (const auto& [name, matrix] : matrices_) {
    out.write(std::as_bytes(std::span(matrix.numbers)));
    out.end_tensor();
  }
  out.finish();
}

std::vector<double> TinyCrossEncoder::times(const std::string& name, const std::vector<double>& x) const {
  const auto find = [&](const std::string& wanted) -> const Matrix& {
    const auto found = std::ranges::find(matrices_, wanted, [](const auto& named) { return named.first; });
    if (found == matrices_.end()) throw std::logic_error(wanted);
    return found->second;
  };
  const Matrix &weight = find(name + ".weight"), &bias = find(name + ".bias");
  std::vector<double> y(weight.rows);
  for (std::size_t row = 0; row < y.size(); ++row) {
    y[row] = static_cast<double>(bias.numbers[row]);
    for (std::size_t i = 0; i < x.size(); ++i) y[row] += static_cast<double>(weight.numbers[row * x.size() + i]) * x[i];
  }
  return y;
}

void TinyCrossEncoder::norm(const std::string& name, std::vector<double>& x) const {
  const auto numbers = [&](const std::string& wanted) -> const std::vector<float>& {
    return std::ranges::find(matrices_, wanted, [](const auto& named) { return named.first; })->second.numbers;
  };
  double mean = 0, squares = 0;
  for (const double value : x) mean += value / static_cast<double>(x.size());
  for (const double value : x) squares += (value - mean) * (value - mean) / static_cast<double>(x.size());
  const double scale = 1 / std::sqrt(squares + static_cast<double>(kEpsilon));
  const auto &weight = numbers(name + ".weight"), &bias = numbers(name + ".bias");
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = (x[i] - mean) * scale * static_cast<double>(weight[i]) + static_cast<double>(bias[i]);
  }
}

std::vector<double> TinyCrossEncoder::outputs(const std::vector<std::int32_t>& tokens, std::size_t second) const {
  const auto row = [&](std::size_t matrix, std::size_t number, std::size_t i) {
    return static_cast<double>(matrices_[matrix].second.numbers[number * kHidden + i]);
  };
  const bool two_types = pairs_ == Pairs::segments;
  std::vector<std::vector<double>> states;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    std::vector<double>& state = states.emplace_back(kHidden);
    for (std::size_t i = 0; i < kHidden; ++i) {
      state[i] = row(0, static_cast<std::size_t>(tokens[t]), i) + row(1, t, i) + row(2, two_types && t >= second, i);
    }
    norm("token_embd_norm", state);
  }
  constexpr std::size_t kWide = kHidden / kHeads;
  for (std::uint64_t number = 0; number < kLayers; ++number) {
    const std::string layer = "blk." + std::to_string(number) + ".";
    std::vector<std::vector<double>> q, k, v, next;
    for (const auto& state : states) {
      q.push_back(times(layer + "attn_q", state));
      k.push_back(times(layer + "attn_k", state));
      v.push_back(times(layer + "attn_v", state));
    }
    for (std::size_t t = 0; t < states.size(); ++t) {
      std::vector<double> seen(kHidden);
      for (std::size_t head = 0; head < kHeads; ++head) {
        std::vector<double> weights;
        double sum = 0;
        for (std::size_t s = 0; s < states.size(); ++s) {
          double product = 0;
          for (std::size_t i = head * kWide; i < (head + 1) * kWide; ++i) product += q[t][i] * k[s][i];
          weights.push_back(std::exp(product / std::sqrt(static_cast<double>(kWide))));
          sum += weights.back();
        }
        for (std::size_t s = 0; s < states.size(); ++s) {
          for (std::size_t i = head * kWide; i < (head + 1) * kWide; ++i) seen[i] += weights[s] / sum * v[s][i];
        }
      }
      std::vector<double> state = times(layer + "attn_output", seen);
      for (std::size_t i = 0; i < kHidden; ++i) state[i] += states[t][i];
      norm(layer + "attn_output_norm", state);
      std::vector<double> inner = times(layer + "ffn_up", state);
      for (double& x : inner) x = 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
      std::vector<double> out = times(layer + "ffn_down", inner);
      for (std::size_t i = 0; i < kHidden; ++i) out[i] += state[i];
      norm(layer + "layer_output_norm", out);
      next.push_back(std::move(out));
    }
    states = std::move(next);
  }
  std::vector<double> pooled = times("cls", states.front());
  for (double& x : pooled) x = std::tanh(x);
  return times("cls.output", pooled);
}

}  // namespace dragoman::test
