#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/rerank/reranker.h"
#include "rerank/aggregate.h"
#include "rerank/judge.h"
#include "rerank/prompt.h"

namespace dragoman::reranking {

/// What a method says of the candidates it was given.
struct Verdict {
  std::vector<std::size_t> order;  ///< All of them, best first.
  /// Of the leading ones in `order`, not rising; those behind, and all if it is empty, count by their places alone.
  std::vector<double> scores;
  Agreement agreement = {};  ///< Of judgements that were asked for in several orders.
};

/// Candidates by score, equal ones in first-stage order. @param scores [candidates]; a NaN stands below all.
Verdict by_score(const std::vector<double>& scores);

/// What becomes of a verdict on the first candidates: mixed with their first-stage scores, in a total order, the others
/// below. @param verdict on `judged` of the candidates; on none of them if that is fewer than two.
RerankResult settle(const RerankOptions& options, std::span<const Candidate> candidates, std::size_t judged,
                    const Verdict& verdict);

/// What is the same for all methods that ask a model: the depth, the total order of scores, the report.
class JudgingReranker : public Reranker {
 public:
  JudgingReranker(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : options_(options), answerer_(std::move(answerer)), prompt_(std::move(prompt)) {}

  RerankResult rerank(const Query& query, std::span<const Candidate> candidates) final;

 protected:
  /// Orders the candidates of `judge`, two or more; where its budget is spent, as well as the answers so far tell. May
  /// add to the fields of `report` that neither the judge nor the verdict knows.
  virtual Verdict judge(Judge& judge, RerankReport& report) = 0;

  const RerankOptions& options() const { return options_; }
  const Answerer& answerer() const { return *answerer_; }
  const Prompt& prompt() const { return prompt_; }
  /// The texts of these fields below `answers` in the prompt file. @throws as Answerer::check_labels().
  std::vector<std::string> labels(const std::vector<std::string_view>& names) const;
  /// The spellings of the letters that passages of one prompt stand at. @throws as Answerer::check_labels().
  std::vector<std::string> letter_labels(std::size_t passages) const;

 private:
  RerankOptions options_;
  std::shared_ptr<Answerer> answerer_;
  Prompt prompt_;
};

/// A way to ask a model. A new one is a file that defines it and a line in the table of reranker.cpp.
struct Method {
  RerankMethod method;
  PromptSchema schema;
  std::unique_ptr<Reranker> (*make)(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt);
  /// Which of several ways with one RerankMethod is meant.
  bool (*is_meant)(const RerankOptions& options) = [](const RerankOptions&) { return true; };
};

/// Method::make for a reranker that takes just these.
template <class M>
std::unique_ptr<Reranker> make_method(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt) {
  return std::make_unique<M>(options, std::move(answerer), std::move(prompt));
}

Method pointwise_method();
Method graded_method();
Method likelihood_method();
Method pairwise_method();
Method setwise_method();
Method listwise_method();
Method first_token_method();
Method tournament_method();

/// Methods that ask no model, or others.
std::unique_ptr<Reranker> make_late_interaction(const RerankOptions& options, std::shared_ptr<const Encoder> encoder);
std::unique_ptr<Reranker> make_by_cross_encoder(const RerankOptions& options,
                                                std::shared_ptr<const CrossEncoder> model);
std::unique_ptr<Reranker> make_cascade(const RerankOptions& options, const RerankModels& models);

/// The most passages, at most `asked` (>= 2), that may share a prompt; at least two, whether they do or not.
std::size_t widest_window(const Judge& judge, std::size_t asked, AnswerKind answer);

/// Where the windows of the listwise method lie, in the order in which they are ranked: see listwise.cpp.
/// @param width in [1, count]. @param stride in [1, width].
std::vector<std::pair<std::size_t, std::size_t>> sliding_windows(std::size_t count, std::size_t width,
                                                                 std::size_t stride);

}  // namespace dragoman::reranking
