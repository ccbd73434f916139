// Zhuang et al., "A Setwise Approach for Effective and Highly Efficient Zero-shot Ranking with Large Language Models",
// SIGIR 2024: the model chooses the best of a few passages at a time, read from the logits of their letters (section
// 4.2), and such choices drive a heap whose nodes have set_size - 1 children, or a bubble sort whose window is as wide
// (section 4.1). Differs in that sets can be asked in several orders (RerankOptions::shuffles), for letters are
// favoured as places are.

#include <algorithm>

#include "rerank/methods.h"
#include "rerank/sets.h"

namespace dragoman::reranking {
namespace {

class Setwise final : public JudgingReranker {
 public:
  Setwise(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : JudgingReranker(options, std::move(answerer), std::move(prompt)), labels_(letter_labels(options.set_size)) {}

 private:
  Verdict judge(Judge& judge, RerankReport& report) override {
    const std::size_t asked = std::min(options().set_size, judge.size());
    const std::size_t width = widest_window(judge, asked, AnswerKind::label);
    judge.cut_to_fit(width, AnswerKind::label);
    report.narrowed_windows += width < asked;

    Sets sets(judge, labels_, options().shuffles, options().seed);
    const BestOf best_of = [&](const std::vector<Candidates>& groups) { return sets.best_of(groups); };
    Verdict verdict;
    verdict.order = options().sort == RerankSort::sliding ? sliding_sort(judge.size(), options().top, width, best_of)
                                                          : heap_sort(judge.size(), options().top, width - 1, best_of);
    verdict.agreement = sets.agreement();
    return verdict;
  }

  std::vector<std::string> labels_;
};

}  // namespace

Method setwise_method() { return {RerankMethod::setwise, setwise_schema(), make_method<Setwise>}; }

}  // namespace dragoman::reranking
