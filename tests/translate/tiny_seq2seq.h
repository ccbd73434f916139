#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dragoman::test {

enum class TinyFamily { marian, m2m };

/// A translation model as Hugging Face lays it out, a few kilobytes large, with random weights: its folder, and a
/// forward pass over it that is slow and obviously right.
class TinySeq2Seq {
 public:
  static constexpr std::size_t kWidth = 16, kHeads = 2, kInner = 24, kLayers = 2;

  TinySeq2Seq(TinyFamily family, std::uint64_t seed);

  /// config.json, generation_config.json, model.safetensors, and vocab.json with source.spm or tokenizer.json.
  void write(const std::filesystem::path& folder) const;

  /// Pieces by id; of the family m2m "sw" and "ar" have tokens, and one row of the table has no piece.
  const std::vector<std::string>& pieces() const { return pieces_; }
  std::int32_t id(const std::string& piece) const;

  /// The likeliest token each time, after `prompt`, but `never`; at most three for one of the source, without the end.
  std::vector<std::int32_t> greedy(const std::vector<std::int32_t>& source, std::vector<std::int32_t> prompt,
                                   const std::vector<std::int32_t>& never) const;

 private:
  using State = std::vector<double>;
  using States = std::vector<State>;

  bool norm_first() const { return family_ == TinyFamily::m2m; }
  double weight(const std::string& name, std::size_t row, std::size_t column) const;
  State embed(std::int32_t token, std::size_t position) const;
  State linear(const std::string& name, const State& x) const;
  State norm(const std::string& name, const State& x) const;
  State attend(const std::string& name, const State& from, const States& to) const;
  State feed_forward(const std::string& layer, const State& x) const;
  /// One sublayer around `run`, with the norm of that name before or behind it.
  template <typename Run>
  State sublayer(const std::string& norm_name, const State& x, Run run) const;
  States encode(const std::vector<std::int32_t>& source) const;
  State decode(const States& memory, const std::vector<std::int32_t>& written) const;

  struct Tensor {
    std::vector<std::size_t> shape;
    std::vector<float> values;
  };

  TinyFamily family_;
  std::vector<std::string> pieces_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace dragoman::test
