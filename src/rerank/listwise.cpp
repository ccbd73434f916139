// Sun et al., "Is ChatGPT Good at Search? Investigating Large Language Models as Re-Ranking Agents", EMNLP 2023
// (RankGPT): the model writes the permutation of a window of passages, and the window slides from the end of the list
// to its head (sections 3.2 and 3.3). Two things differ. The answer is generated under a grammar, so it is always a
// whole permutation and never needs repair. And the last window always begins at the head and is as wide as the others,
// where the paper's stops short of the head unless the strides happen to end there.
//
// The window narrows where it would leave passages less than kLeastPassageTokens each: to the widest, but at least two,
// that leaves as much even to the longest candidates of the query; the stride narrows in proportion, rounded down, but
// not below one. All windows of a query are equally wide.

#include <algorithm>
#include <numeric>

#include "rerank/methods.h"

namespace dragoman::reranking {
namespace {

class Listwise final : public JudgingReranker {
 public:
  Listwise(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : JudgingReranker(options, std::move(answerer), std::move(prompt)) {
    this->answerer().check_identifiers(this->prompt(), options.window);
  }

 private:
  Verdict judge(Judge& judge, RerankReport& report) override {
    const std::size_t asked = std::min(options().window, judge.size());
    const std::size_t width = widest_window(judge, asked, AnswerKind::permutation);
    const std::size_t stride =
        width == asked ? options().stride : std::max<std::size_t>(1, options().stride * width / options().window);
    judge.cut_to_fit(width, AnswerKind::permutation);

    const auto windows = sliding_windows(judge.size(), width, std::min(stride, width));
    if (width < asked) report.narrowed_windows += windows.size();
    std::vector<std::size_t> order(judge.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (const auto& [begin, end] : windows) {
      Question question;
      for (std::size_t i = begin; i < end; ++i) question.push_back(judge.passage(order[i]));
      const auto answers = judge.permute(std::span(&question, 1));
      if (answers.empty()) break;  // The budget is spent.
      for (std::size_t i = begin; i < end; ++i) order[i] = question[answers.front()[i - begin]].candidate;
    }
    return {order, {}};
  }
};

}  // namespace

std::size_t widest_window(const Judge& judge, std::size_t asked, AnswerKind answer) {
  if (judge.fits(asked, answer)) return asked;
  std::size_t low = 2, high = asked;  // Whether 2 fits is for cut_to_fit() to say; `high` does not.
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (judge.fits(middle, answer) ? low : high) = middle;
  }
  return low;
}

std::vector<std::pair<std::size_t, std::size_t>> sliding_windows(std::size_t count, std::size_t width,
                                                                 std::size_t stride) {
  std::vector<std::pair<std::size_t, std::size_t>> windows;
  for (std::size_t begin = count - width;; begin -= std::min(begin, stride)) {
    windows.emplace_back(begin, begin + width);
    if (begin == 0) return windows;
  }
}

Method listwise_method() {
  return {RerankMethod::listwise,
          {"listwise", PassageLayout::lines, {"passages"}, {"identifier", "separator"}},
          make_method<Listwise>};
}

}  // namespace dragoman::reranking
