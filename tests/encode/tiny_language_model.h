#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace dragoman::test {

/// Writes a language model small enough to be made in a test: two layers of the llama architecture, 64 wide, with
/// weights from a seed, a token a byte (and "Yes", "No"), the chat format of <|im_start|> and <|im_end|>, and a context
/// of 2,048 tokens. It knows nothing, but has an opinion on everything.
/// @param matrix_type a ggml_type: of the layers' matrices.
/// @param change may change the numbers of a matrix, [rows, columns], before they are written.
void write_tiny_language_model(
    const std::filesystem::path& path, std::uint64_t seed, std::int32_t matrix_type,
    const std::function<void(const std::string& name, std::span<float> numbers)>& change = {});

/// Writes such a model with the architecture of Qwen3 and a head of two outputs, as llama.cpp converts Qwen3-Reranker:
/// the rows of its vocabulary for "Yes" and "No", and "query {query} passage {document} answer " around a pair.
void write_tiny_qwen3_reranker(const std::filesystem::path& path, std::uint64_t seed);

/// A LoRA adapter of rank 2 for the queries' and the values' matrices of the first layer, with numbers from a seed.
struct TinyAdapter {
  static constexpr std::uint64_t kRank = 2;
  static constexpr float kAlpha = 4;

  explicit TinyAdapter(std::uint64_t seed);
  /// @param architecture what it says that its model is; @param width the columns of its model's matrices.
  void write(const std::filesystem::path& path, const std::string& architecture = "llama",
             std::uint64_t width = 64) const;
  /// Adds weight * alpha / rank * B A to a matrix that it knows, by hand.
  void add_to(const std::string& name, std::span<float> numbers, float weight) const;

  struct Pair {
    std::uint64_t rows;       ///< Of the matrix; it has 64 columns.
    std::vector<float> a, b;  ///< [kRank, 64] and [rows, kRank].
  };
  std::map<std::string, Pair> pairs;
};

}  // namespace dragoman::test
