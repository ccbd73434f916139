#include "encode/tiny_language_model.h"

#include <ggml.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "encode/gguf_writer.h"

namespace dragoman::test {
namespace {

constexpr std::uint64_t kWidth = 64, kInner = 128, kHeads = 4, kKeyHeads = 2, kLayers = 2;

void put_utf8(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else {
    text += static_cast<char>(0xC0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

/// Bytes as byte-level pairs spell them: printable ones as themselves, the others from U+0100 on.
std::vector<std::string> vocabulary() {
  std::vector<std::string> tokens = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
  std::uint32_t next = 256;
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    const bool itself = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    std::string token;
    put_utf8(token, itself ? byte : next++);
    tokens.push_back(token);
  }
  for (const char* word : {"Ye", "Yes", "No"}) tokens.emplace_back(word);
  return tokens;
}

struct Matrix {
  std::string name;
  std::uint64_t rows, columns;  ///< rows 0: a vector of ones.
  bool layer = true;
};

enum class Architecture { llama, qwen3_reranker };

std::vector<Matrix> matrices(std::uint64_t words, Architecture architecture) {
  const std::uint64_t keys = kWidth / kHeads * kKeyHeads;
  std::vector<Matrix> all = {{"token_embd.weight", words, kWidth, false}, {"output_norm.weight", 0, kWidth, false}};
  for (std::uint64_t i = 0; i < kLayers; ++i) {
    const std::string layer = "blk." + std::to_string(i) + ".";
    for (const Matrix& matrix : std::vector<Matrix>{{"attn_norm", 0, kWidth},
                                                    {"attn_q", kWidth, kWidth},
                                                    {"attn_k", keys, kWidth},
                                                    {"attn_v", keys, kWidth},
                                                    {"attn_output", kWidth, kWidth},
                                                    {"ffn_norm", 0, kWidth},
                                                    {"ffn_gate", kInner, kWidth},
                                                    {"ffn_up", kInner, kWidth},
                                                    {"ffn_down", kWidth, kInner}}) {
      all.push_back({layer + matrix.name + ".weight", matrix.rows, matrix.columns});
    }
    if (architecture == Architecture::llama) continue;
    for (const char* norm : {"attn_q_norm", "attn_k_norm"}) {
      all.push_back({layer + norm + ".weight", 0, kWidth / kHeads});
    }
  }
  if (architecture == Architecture::qwen3_reranker) all.push_back({"cls.output.weight", 2, kWidth, false});
  return all;
}

using Change = std::function<void(const std::string& name, std::span<float> numbers)>;

void write_model(const std::filesystem::path& path, std::uint64_t seed, std::int32_t matrix_type,
                 Architecture architecture, const Change& change) {
  const auto words = vocabulary();
  GgufWriter out(path);
  const std::string name = architecture == Architecture::llama ? "llama" : "qwen3";
  out.text("general.architecture", name);
  out.text("general.name", "tiny");
  out.number(name + ".context_length", 2048);
  out.number(name + ".embedding_length", kWidth);
  out.number(name + ".block_count", kLayers);
  out.number(name + ".feed_forward_length", kInner);
  out.number(name + ".attention.head_count", kHeads);
  out.number(name + ".attention.head_count_kv", kKeyHeads);
  out.number(name + ".rope.dimension_count", kWidth / kHeads);
  out.number(name + ".vocab_size", words.size());
  out.real(name + ".attention.layer_norm_rms_epsilon", 1e-5f);
  out.text("tokenizer.ggml.model", "gpt2");
  out.text("tokenizer.ggml.pre", "gpt-2");
  out.texts("tokenizer.ggml.tokens", words);
  std::vector<std::int32_t> kinds(words.size(), 1);
  for (std::size_t i = 0; i < 3; ++i) kinds[i] = 3;  // Control.
  out.integers("tokenizer.ggml.token_type", kinds);
  out.texts("tokenizer.ggml.merges", {"Y e", "Ye s", "N o"});
  out.number("tokenizer.ggml.bos_token_id", 0);
  out.number("tokenizer.ggml.eos_token_id", 2);
  out.flag("tokenizer.ggml.add_bos_token", false);
  out.text("tokenizer.chat_template",
           "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
           "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}");

  if (architecture == Architecture::qwen3_reranker) {
    out.number("qwen3.pooling_type", 4);  // Rank.
    out.texts("qwen3.classifier.output_labels", {"yes", "no"});
    out.text("tokenizer.chat_template.rerank", "query {query} passage {document} answer ");
  }

  const auto all = matrices(words.size(), architecture);
  const auto type_of = [&](const Matrix& matrix) {
    return matrix.rows != 0 && matrix.layer ? matrix_type : static_cast<std::int32_t>(GGML_TYPE_F32);
  };
  for (const Matrix& matrix : all) out.tensor(matrix.name, type_of(matrix), matrix.rows, matrix.columns);
  out.begin();
  std::mt19937_64 random(seed);
  for (const Matrix& matrix : all) {
    std::vector<float> numbers(std::max<std::uint64_t>(matrix.rows, 1) * matrix.columns, 1.0f);
    // Sums of four uniform numbers, which all standard libraries give alike.
    const float scale = 2.0f / std::sqrt(static_cast<float>(matrix.columns));
    for (float& number : numbers) {
      if (matrix.rows == 0) break;
      number = 0;
      for (int i = 0; i < 4; ++i) number += static_cast<float>(random() >> 40) / 16777216.0f - 0.5f;
      number *= scale;
    }
    if (change) change(matrix.name, numbers);
    std::vector<std::byte> bytes(
        ggml_row_size(static_cast<ggml_type>(type_of(matrix)), static_cast<std::int64_t>(matrix.columns)) *
        std::max<std::uint64_t>(matrix.rows, 1));
    ggml_quantize_chunk(static_cast<ggml_type>(type_of(matrix)), numbers.data(), bytes.data(), 0,
                        static_cast<std::int64_t>(std::max<std::uint64_t>(matrix.rows, 1)),
                        static_cast<std::int64_t>(matrix.columns), nullptr);
    out.write(bytes);
    out.end_tensor();
  }
  out.finish();
}

}  // namespace

void write_tiny_language_model(const std::filesystem::path& path, std::uint64_t seed, std::int32_t matrix_type,
                               const Change& change) {
  write_model(path, seed, matrix_type, Architecture::llama, change);
}

void write_tiny_qwen3_reranker(const std::filesystem::path& path, std::uint64_t seed) {
  std::vector<float> head;
  write_model(path, seed, GGML_TYPE_F32, Architecture::qwen3_reranker,
              [&](const std::string& name, std::span<float> numbers) {
                const auto last_two = numbers.last(std::min<std::size_t>(numbers.size(), 2 * kWidth));
                if (name == "token_embd.weight") head.assign(last_two.begin(), last_two.end());
                if (name == "cls.output.weight") std::ranges::copy(head, numbers.begin());
              });
}

TinyAdapter::TinyAdapter(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto numbers = [&](std::uint64_t count) {
    std::vector<float> all(count);
    for (float& number : all) number = static_cast<float>(random() >> 40) / 16777216.0f - 0.5f;
    return all;
  };
  for (const auto& [name, rows] : {std::pair<std::string, std::uint64_t>{"blk.0.attn_q.weight", kWidth},
                                   {"blk.0.attn_v.weight", kWidth / kHeads * kKeyHeads}}) {
    Pair& pair = pairs[name];
    pair.rows = rows;
    pair.a = numbers(kRank * kWidth);
    pair.b = numbers(rows * kRank);
  }
}

void TinyAdapter::write(const std::filesystem::path& path, const std::string& architecture, std::uint64_t width) const {
  GgufWriter out(path);
  out.text("general.architecture", architecture);
  out.text("general.type", "adapter");
  out.text("adapter.type", "lora");
  out.real("adapter.lora.alpha", kAlpha);
  for (const auto& [name, pair] : pairs) {
    out.tensor(name + ".lora_a", GGML_TYPE_F32, kRank, width);
    out.tensor(name + ".lora_b", GGML_TYPE_F32, pair.rows, kRank);
  }
  out.begin();
  for (const auto& [name, pair] : pairs) {
    std::vector<float> a = pair.a;
    a.resize(kRank * width);
    out.write(std::as_bytes(std::span(a)));
    out.end_tensor();
    out.write(std::as_bytes(std::span(pair.b)));
    out.end_tensor();
  }
  out.finish();
}

void TinyAdapter::add_to(const std::string& name, std::span<float> numbers, float weight) const {
  const auto found = pairs.find(name);
  if (found == pairs.end()) return;
  const Pair& pair = found->second;
  for (std::uint64_t row = 0; row < pair.rows; ++row) {
    for (std::uint64_t column = 0; column < kWidth; ++column) {
      for (std::uint64_t k = 0; k < kRank; ++k) {
        numbers[row * kWidth + column] +=
            weight * kAlpha / static_cast<float>(kRank) * pair.b[row * kRank + k] * pair.a[k * kWidth + column];
      }
    }
  }
}

}  // namespace dragoman::test
