#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dragoman::test {

/// A cross-encoder small enough to be made in a test: BERT of two layers, 32 wide, with a head of one output or more,
/// weights from a seed and a WordPiece vocabulary of a few words. It knows nothing, but scores everything.
class TinyCrossEncoder {
 public:
  enum class Pairs {
    segments,           ///< [CLS] query [SEP] passage [SEP], two types of tokens, as BERT.
    doubled_separator,  ///< [CLS] query [SEP][SEP] passage [SEP], one type, as RoBERTa.
  };

  TinyCrossEncoder(std::uint64_t seed, Pairs pairs, std::uint64_t outputs = 1);

  /// @param labels of the outputs, as the file names them; none if empty.
  void write(const std::filesystem::path& path, const std::vector<std::string>& labels = {}) const;

  /// The outputs by hand: one token after another, in double. @param second where tokens are of the second type from.
  std::vector<double> outputs(const std::vector<std::int32_t>& tokens, std::size_t second) const;
  /// The first one.
  double score(const std::vector<std::int32_t>& tokens, std::size_t second) const {
    return outputs(tokens, second).front();
  }

  static constexpr std::size_t kPositions = 48;
  /// Ids of words of the vocabulary.
  static const std::vector<std::string>& words();
  static std::int32_t id(const std::string& word);

 private:
  struct Matrix {
    std::uint64_t rows, columns;  ///< rows 0: a vector.
    std::vector<float> numbers;
  };
  std::vector<double> times(const std::string& name, const std::vector<double>& x) const;
  void norm(const std::string& name, std::vector<double>& x) const;

  Pairs pairs_;
  std::vector<std::pair<std::string, Matrix>> matrices_;
};

}  // namespace dragoman::test
