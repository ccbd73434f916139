// Nogueira, Jiang, Pradeep and Lin, "Document Ranking with a Pretrained Sequence-to-Sequence Model", Findings of EMNLP
// 2020: a passage is as good as the model's preference for the word "true" over "false" as the next token (section 3;
// the words are the prompt's). Here with a decoder alone, and the log of the odds instead of the softmax of the two,
// which orders alike and does not saturate.

#include <algorithm>
#include <limits>

#include "dragoman/text/passages.h"
#include "rerank/methods.h"

namespace dragoman::reranking {
namespace {

class Pointwise final : public JudgingReranker {
 public:
  Pointwise(const RerankOptions& options, std::shared_ptr<LanguageModel> model, Prompt prompt)
      : JudgingReranker(options, std::move(model), std::move(prompt)),
        answers_(answer_tokens(this->model(), this->prompt(), "relevant", "irrelevant")) {}

 private:
  Verdict judge(Judge& judge, RerankReport&) override {
    std::vector<Judge::Passage> pieces;
    if (options().passage_tokens > 0) {
      judge.cut_to_fit(1, 0);
      for (std::size_t i = 0; i < judge.size(); ++i) pieces.push_back(judge.passage(i));
    } else {
      pieces = split(judge);
    }

    std::vector<Tokens> prompts;
    for (const Judge::Passage& piece : pieces) prompts.push_back(judge.prompt({piece}));
    const Tokens prefix = common_prefix(prompts);
    std::vector<double> scores(judge.size(), -std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      double& best = scores[pieces[i].candidate];
      best = std::max(best, judge.contrast(prompts[i], prefix, answers_.positive, answers_.negative));
    }
    return by_score(scores);
  }

  /// Whole texts where they fit into the context, else pieces that do: a text is as good as its best piece.
  static std::vector<Judge::Passage> split(Judge& judge) {
    judge.require_room(1, 0);
    const auto measure = [&](std::string_view text) { return judge.render(std::span(&text, 1)).size(); };
    std::vector<Judge::Passage> pieces;
    for (std::size_t i = 0; i < judge.size(); ++i) {
      const Judge::Passage whole = judge.passage(i);
      auto ranges = split_passages(whole.text, judge.model().context_tokens(), measure);
      // An empty text has no piece, but is a candidate all the same.
      if (ranges.empty()) ranges.push_back({0, whole.text.size()});
      for (const TextRange& range : ranges) pieces.push_back({i, range.of(whole.text)});
    }
    return pieces;
  }

  AnswerTokens answers_;
};

}  // namespace

Method pointwise_method() {
  return {RerankMethod::pointwise,
          {"pointwise", PassageLayout::named, {"passage"}, {"relevant", "irrelevant"}},
          [](const RerankOptions& options, std::shared_ptr<LanguageModel> model, Prompt prompt) {
            return std::unique_ptr<Reranker>(new Pointwise(options, std::move(model), std::move(prompt)));
          }};
}

}  // namespace dragoman::reranking
