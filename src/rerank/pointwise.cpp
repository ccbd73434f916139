// Nogueira et al., "Document Ranking with a Pretrained Sequence-to-Sequence Model", Findings of EMNLP 2020 (monoT5):
// candidates are ranked by the model's preference for the word "true" over "false" as the next token (section 3;
// the words are the prompt's). Here with a decoder alone, and the log of the odds instead of the softmax of the two,
// which orders alike and does not saturate.
//
// Graded: Zhuang et al., "Beyond Yes and No: Improving Zero-Shot LLM Rankers via Scoring Fine-Grained Relevance
// Labels", NAACL 2024: the expected grade under the softmax of the grades' logits (section 3.3).
//
// Likelihood: Sachan et al., "Improving Passage Retrieval with Zero-Shot Question Generation", EMNLP 2022: how likely
// the query is where the model is to write one from the passage (section 2.2), per token.
//
// Calibrated: Zhao et al., "Calibrate Before Use: Improving Few-Shot Performance of Language Models", ICML 2021: what
// the model says before it has read anything is its habit. The logits behind an empty passage are taken off those
// behind each passage, which leaves the order by yes and no as it is, but makes scores of several queries comparable:
// above 0 the passage speaks for a yes. The order of expected grades can change.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "rerank/methods.h"
#include "rerank/passages_to_documents.h"

namespace dragoman::reranking {
namespace {

class Pointwise : public JudgingReranker {
 public:
  using JudgingReranker::JudgingReranker;

 private:
  /// What the model says of questions with one passage each, in logarithms; of the first ones where the budget was
  /// spent.
  virtual std::vector<std::vector<double>> ask(Judge& judge, std::span<const Question> questions) const = 0;
  virtual double score(const std::vector<double>& answer) const = 0;

  Verdict judge(Judge& judge, RerankReport& report) override {
    std::vector<Question> questions;
    const bool whole = options().passage_tokens == 0 || reads_pieces(options().documents);
    if (whole) {
      for (const Passage& piece : judge.pieces()) questions.push_back({piece});
      if (questions.size() > judge.size()) report.pieces += questions.size();
    } else {
      judge.cut_to_fit(1, AnswerKind::label);
      for (std::size_t i = 0; i < judge.size(); ++i) questions.push_back({judge.passage(i)});
    }
    std::vector<std::vector<double>> of_candidates(judge.size());
    const auto answers = options().calibrate ? ask_calibrated(judge, questions) : ask(judge, questions);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      of_candidates[questions[i].front().candidate].push_back(score(answers[i]));
    }
    std::vector<double> documents;
    for (const auto& pieces : of_candidates) documents.push_back(document_score(pieces, options().documents));
    return by_score(documents);
  }

  /// The same, less what the model says of an empty passage.
  std::vector<std::vector<double>> ask_calibrated(Judge& judge, const std::vector<Question>& questions) const {
    // Asked first, for without it the others cannot be told.
    std::vector<Question> asked = {{{0, ""}}};
    asked.insert(asked.end(), questions.begin(), questions.end());
    auto answers = ask(judge, asked);
    if (answers.empty()) return answers;
    const std::vector<double> habit = std::move(answers.front());
    answers.erase(answers.begin());
    for (auto& answer : answers) {
      for (std::size_t i = 0; i < answer.size(); ++i) answer[i] -= habit[i];
    }
    return answers;
  }
};

/// What labels' logits make of a passage.
class ByLabels : public Pointwise {
 public:
  ByLabels(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt,
           std::vector<std::string_view> names)
      : Pointwise(options, std::move(answerer), std::move(prompt)), labels_(labels(names)) {}

 private:
  std::vector<std::vector<double>> ask(Judge& judge, std::span<const Question> questions) const override {
    return judge.choose(questions, labels_);
  }

  std::vector<std::string> labels_;
};

class ByYesAndNo final : public ByLabels {
 public:
  ByYesAndNo(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : ByLabels(options, std::move(answerer), std::move(prompt), {"relevant", "irrelevant"}) {}

 private:
  double score(const std::vector<double>& logits) const override { return logits[0] - logits[1]; }
};

const std::vector<std::string_view> kGrades = {"grade_0", "grade_1", "grade_2", "grade_3", "grade_4"};

class ByGrade final : public ByLabels {
 public:
  ByGrade(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : ByLabels(options, std::move(answerer), std::move(prompt), kGrades) {}

 private:
  double score(const std::vector<double>& logits) const override {
    const double most = *std::max_element(logits.begin(), logits.end());
    double sum = 0, expected = 0;
    for (std::size_t grade = 0; grade < logits.size(); ++grade) {
      const double likely = std::isfinite(most) ? std::exp(logits[grade] - most) : 1;
      sum += likely;
      expected += likely * static_cast<double>(grade);
    }
    return expected / sum;
  }
};

class ByLikelihood final : public Pointwise {
 public:
  using Pointwise::Pointwise;

 private:
  std::vector<std::vector<double>> ask(Judge& judge, std::span<const Question> questions) const override {
    std::vector<std::vector<double>> answers;
    for (const double likelihood : judge.likelihood(questions, judge.query())) answers.push_back({likelihood});
    return answers;
  }
  double score(const std::vector<double>& answer) const override { return answer.front(); }
};

}  // namespace

Method pointwise_method() {
  return {RerankMethod::pointwise,
          {.method = "pointwise",
           .layout = PassageLayout::named,
           .passages = {"passage"},
           .answers = {"relevant", "irrelevant"}},
          make_method<ByYesAndNo>,
          [](const RerankOptions& options) { return options.score == PointwiseScore::yes_no; }};
}

Method graded_method() {
  return {RerankMethod::pointwise,
          {.method = "pointwise-graded", .layout = PassageLayout::named, .passages = {"passage"}, .answers = kGrades},
          make_method<ByGrade>,
          [](const RerankOptions& options) { return options.score == PointwiseScore::graded; }};
}

Method likelihood_method() {
  return {RerankMethod::pointwise,
          {.method = "likelihood",
           .layout = PassageLayout::named,
           .passages = {"passage"},
           .answers = {},
           .asks_query = false},
          make_method<ByLikelihood>,
          [](const RerankOptions& options) { return options.score == PointwiseScore::likelihood; }};
}

}  // namespace dragoman::reranking
