// Nogueira, Jiang, Pradeep and Lin, "Document Ranking with a Pretrained Sequence-to-Sequence Model", Findings of EMNLP
// 2020: a passage is as good as the model's preference for the word "true" over "false" as the next token (section 3;
// the words are the prompt's). Here with a decoder alone, and the log of the odds instead of the softmax of the two,
// which orders alike and does not saturate.

#include <algorithm>
#include <limits>

#include "rerank/methods.h"

namespace dragoman::reranking {
namespace {

class Pointwise final : public JudgingReranker {
 public:
  Pointwise(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : JudgingReranker(options, std::move(answerer), std::move(prompt)), labels_(labels({"relevant", "irrelevant"})) {
    this->answerer().check_labels(this->prompt(), labels_);
  }

 private:
  /// Whole texts where they fit into the context, else pieces that do: a text is as good as its best piece.
  Verdict judge(Judge& judge, RerankReport&) override {
    std::vector<Question> questions;
    if (options().passage_tokens > 0) {
      judge.cut_to_fit(1, AnswerKind::label);
      for (std::size_t i = 0; i < judge.size(); ++i) questions.push_back({judge.passage(i)});
    } else {
      for (const Passage& piece : judge.pieces()) questions.push_back({piece});
    }
    const auto answers = judge.choose(questions, labels_);
    std::vector<double> scores(judge.size(), -std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      double& best = scores[questions[i].front().candidate];
      best = std::max(best, answers[i][0] - answers[i][1]);
    }
    return by_score(scores);
  }

  std::vector<std::string> labels_;
};

}  // namespace

Method pointwise_method() {
  return {RerankMethod::pointwise,
          {"pointwise", PassageLayout::named, {"passage"}, {"relevant", "irrelevant"}},
          make_method<Pointwise>};
}

}  // namespace dragoman::reranking
