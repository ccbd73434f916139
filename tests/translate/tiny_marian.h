#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dragoman::test {

/// A matrix of a Marian model in 8 bits.
struct TinyMatrix {
  std::size_t outputs = 0, inputs = 0;
  std::vector<std::int8_t> bytes;  ///< [outputs, inputs]
  float multiplier = 1;

  double at(std::size_t output, std::size_t input) const { return bytes[output * inputs + input] / double{multiplier}; }
};

/// A whole Marian model, a few kilobytes large, with random weights: what its files hold, and a forward pass over it
/// that is slow and obviously right.
class TinyMarian {
 public:
  static constexpr std::size_t kWidth = 16, kHeads = 2, kInner = 24, kEncoderLayers = 2, kDecoderLayers = 2;
  /// Of id 0, "</s>", and 1, "<unk>", then words that begin with a space, then letters.
  static const std::vector<std::string>& pieces();

  explicit TinyMarian(std::uint64_t seed);

  /// Writes config.yml, model.bin, vocab.spm and lex.bin.
  void write(const std::filesystem::path& folder) const;

  std::string model_bytes() const;
  static std::string vocabulary_bytes();
  std::string shortlist_bytes() const;
  static std::string settings();

  /// Targets that the shortlist allows after a source, ascending.
  std::vector<std::int32_t> candidates(const std::vector<std::int32_t>& source) const;

  /// Log probabilities, over the candidates of a source, of the token after `prefix`. In doubles, one number at a time.
  std::vector<double> next(const std::vector<std::int32_t>& source, const std::vector<std::int32_t>& prefix) const;

  /// The translation by next(), always the likeliest token but "<unk>".
  std::vector<std::int32_t> greedy(const std::vector<std::int32_t>& source) const;
  static std::size_t most_tokens(std::size_t source_tokens);

 private:
  using State = std::vector<double>;
  State embed(std::int32_t token, std::size_t position) const;
  State affine(const std::string& weights, const std::string& bias, const State& x) const;
  State attend(const std::string& prefix, const State& query, const std::vector<State>& keys) const;
  State feed_forward(const std::string& prefix, const State& x) const;
  State normalised(const std::string& norm, State x, const State& added) const;
  std::vector<State> encode(const std::vector<std::int32_t>& source) const;

  std::map<std::string, TinyMatrix> matrices_;
  std::map<std::string, std::vector<float>> vectors_;
};

}  // namespace dragoman::test
