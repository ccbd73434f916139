#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/encode/language_model.h"
#include "dragoman/rerank/reranker.h"
#include "rerank/judge.h"
#include "rerank/prompt.h"

namespace dragoman::reranking {

/// What a method says of the candidates it was given: all of them, best first.
struct Verdict {
  std::vector<std::size_t> order;
  /// In the order of `order`, not rising; empty where only the places count.
  std::vector<double> scores;
};

/// Candidates by score, equal ones in first-stage order. @param scores [candidates]; a NaN stands below all.
Verdict by_score(const std::vector<double>& scores);

/// What is the same for all methods: the depth, the total order of scores, the report.
class JudgingReranker : public Reranker {
 public:
  JudgingReranker(const RerankOptions& options, std::shared_ptr<LanguageModel> model, Prompt prompt)
      : options_(options), model_(std::move(model)), prompt_(std::move(prompt)) {}

  RerankResult rerank(std::string_view query, std::span<const Candidate> candidates) final;

 protected:
  /// Orders the candidates of `judge`, two or more. May add to the fields of `report` that the judge does not know.
  virtual Verdict judge(Judge& judge, RerankReport& report) = 0;

  const RerankOptions& options() const { return options_; }
  const LanguageModel& model() const { return *model_; }
  const Prompt& prompt() const { return prompt_; }

 private:
  RerankOptions options_;
  std::shared_ptr<LanguageModel> model_;
  Prompt prompt_;
};

/// A way to rerank. A new one is a file that defines it and a line in the table of reranker.cpp.
struct Method {
  RerankMethod method;
  PromptSchema schema;
  std::unique_ptr<Reranker> (*make)(const RerankOptions& options, std::shared_ptr<LanguageModel> model, Prompt prompt);
};

Method pointwise_method();
Method pairwise_method();
Method listwise_method();

/// Where the windows of the listwise method lie, in the order in which they are ranked: see listwise.cpp.
/// @param width in [1, count]. @param stride in [1, width].
std::vector<std::pair<std::size_t, std::size_t>> sliding_windows(std::size_t count, std::size_t width,
                                                                 std::size_t stride);

}  // namespace dragoman::reranking
