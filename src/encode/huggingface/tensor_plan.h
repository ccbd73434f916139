#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "encode/huggingface/model_config.h"
#include "encode/huggingface/weights.h"

namespace dragoman {

/// One tensor's way from a checkpoint to its name in GGUF: all its rows, or some.
struct TensorStep {
  std::string to;
  Weights* weights = nullptr;
  std::string from;
  WeightType type = WeightType::f32;
  std::uint64_t first_row = 0;
  std::uint64_t rows = 0;  ///< 0 for a vector.
  std::uint64_t columns = 0;
};

/// Collects the tensors of one checkpoint and checks that each is there, has the shape it must have and numbers that
/// can be kept as they are.
class TensorPlan {
 public:
  /// @param place the checkpoint's name in messages; must outlive the plan.
  TensorPlan(Weights& weights, std::string_view place) : weights_(weights), place_(place) {}

  bool has(std::string_view name) const { return weights_.all().contains(name); }
  void vector(std::string to, const std::string& from, std::uint64_t columns);
  void matrix(std::string to, const std::string& from, std::uint64_t rows, std::uint64_t columns);
  /// Rows [first, first + rows) of a matrix of `all` rows.
  void rows(std::string to, const std::string& from, std::uint64_t first, std::uint64_t rows, std::uint64_t all,
            std::uint64_t columns);
  /// TO.weight and TO.bias from FROM.weight and FROM.bias; from "weight" and "bias" if FROM is empty.
  void linear(const std::string& to, const std::string& from, std::uint64_t out, std::uint64_t in);
  /// The same of a layer norm. Checkpoints that came from TensorFlow call its two gamma and beta.
  void norm(const std::string& to, const std::string& from, std::uint64_t width);
  /// Nothing is made of it, and that is known.
  void ignore(const std::string& name) { used_.insert(name); }

  std::vector<TensorStep>& steps() { return steps_; }
  /// @throws InvalidData naming a tensor that nobody asked for: the model is another one than it says.
  void check_all_used() const;

 private:
  [[noreturn]] void fail(std::string_view tensor, std::string_view reason) const;
  const Weight& find(const std::string& name, const std::vector<std::uint64_t>& shape);

  Weights& weights_;
  std::string_view place_;
  std::vector<TensorStep> steps_;
  std::set<std::string> used_;
};

/// Which of a checkpoint's heads to take besides the encoder itself.
struct PlannedHeads {
  bool masked_language_model = false;  ///< SPLADE's.
  bool token_weight = false;           ///< GTE's token classification.
};

/// Plans the encoder, under whatever prefix its names have ("bert.", "roberta.", ...), and the heads.
/// @throws InvalidData as TensorPlan.
void plan_encoder(const ModelConfig& config, const PlannedHeads& heads, const Weights& weights, TensorPlan& plan,
                  std::string_view place);

}  // namespace dragoman
