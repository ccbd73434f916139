// Sun et al., "Is ChatGPT Good at Search? Investigating Large Language Models as Re-Ranking Agents", EMNLP 2023
// (RankGPT): the model writes the permutation of a window of passages, and the window slides from the end of the list
// to its head (sections 3.2 and 3.3). Two things differ. The answer is generated under a grammar, so it is always a
// whole permutation and never needs repair. And the last window always begins at the head and is as wide as the others,
// where the paper's stops short of the head unless the strides happen to end there.
//
// With ListwiseAnswer::first_token nothing is generated: Reddy et al., "FIRST: Faster Improved Listwise Reranking with
// Single Token Decoding", EMNLP 2024, order a window by the logits of the passages' letters as the first token.
//
// With shuffles, the whole is repeated over candidates in other orders, and the rankings that come of it are
// aggregated: Tang et al., "Found in the Middle: Permutation Self-Consistency Improves Listwise Ranking in Large
// Language Models", NAACL 2024.
//
// The window narrows where it would leave passages less than TextJudge::least() each: to the widest, but at least two,
// that leaves as much even to the longest candidates of the query; the stride narrows in proportion, rounded down, but
// not below one. All windows of a query are equally wide.

#include <algorithm>
#include <numeric>
#include <optional>

#include "rerank/methods.h"
#include "rerank/sets.h"
#include "rerank/shuffle.h"

namespace dragoman::reranking {
namespace {

class Listwise : public JudgingReranker {
 public:
  using JudgingReranker::JudgingReranker;

 private:
  virtual AnswerKind answer_kind() const = 0;
  virtual std::size_t widest() const = 0;  ///< Passages that a prompt can name.
  /// Puts candidates into the model's order; false when the budget is spent.
  virtual bool put_in_order(Judge& judge, std::span<std::size_t> window) const = 0;

  Verdict judge(Judge& judge, RerankReport& report) override {
    const std::size_t asked = std::min({options().window, widest(), judge.size()});
    const std::size_t width = widest_window(judge, asked, answer_kind());
    const std::size_t narrower = std::max<std::size_t>(1, options().stride * width / options().window);
    const std::size_t stride = width == asked ? options().stride : narrower;
    judge.cut_to_fit(width, answer_kind());
    const auto windows = sliding_windows(judge.size(), width, std::min(stride, width));

    std::vector<Order> rankings;
    Random random(options().seed);
    Order start(judge.size());
    std::iota(start.begin(), start.end(), std::size_t{0});
    for (std::size_t i = 0; i <= options().shuffles; ++i) {
      // A ranking that the budget cut short counts only if there is no other: what it left undone is a shuffle.
      Order order = start;
      const bool whole = slide(judge, windows, order);
      if (whole || rankings.empty()) rankings.push_back(std::move(order));
      if (width < asked) report.narrowed_windows += windows.size() * options().passes;
      if (!whole) break;
      shuffle(start, random);
    }
    return together(rankings);
  }

  bool slide(Judge& judge, const std::vector<std::pair<std::size_t, std::size_t>>& windows, Order& order) const {
    for (std::size_t pass = 0; pass < options().passes; ++pass) {
      for (const auto& [begin, end] : windows) {
        if (!put_in_order(judge, std::span(order).subspan(begin, end - begin))) return false;
      }
    }
    return true;
  }

  Verdict together(const std::vector<Order>& rankings) const {
    std::vector<std::vector<double>> points;
    for (const Order& ranking : rankings) points.push_back(borda_points({ranking}));
    return {.order = aggregate(rankings, options().aggregation), .scores = {}, .agreement = compare_scores(points)};
  }
};

class ByPermutation final : public Listwise {
 public:
  ByPermutation(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : Listwise(options, std::move(answerer), std::move(prompt)) {
    this->answerer().check_identifiers(this->prompt(), options.window);
  }

 private:
  AnswerKind answer_kind() const override { return AnswerKind::permutation; }
  std::size_t widest() const override { return options().window; }

  bool put_in_order(Judge& judge, std::span<std::size_t> window) const override {
    Question question;
    for (const std::size_t candidate : window) question.push_back(judge.passage(candidate));
    const auto answers = judge.permute(std::span(&question, 1));
    if (answers.empty()) return false;
    for (std::size_t i = 0; i < window.size(); ++i) window[i] = question[answers.front()[i]].candidate;
    return true;
  }
};

class ByFirstToken final : public Listwise {
 public:
  ByFirstToken(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : Listwise(options, std::move(answerer), std::move(prompt)), labels_(letter_labels(options.window)) {}

 private:
  AnswerKind answer_kind() const override { return AnswerKind::label; }
  std::size_t widest() const override { return labels_.size(); }

  bool put_in_order(Judge& judge, std::span<std::size_t> window) const override {
    Sets sets(judge, labels_, 0, options().seed);
    const Candidates members(window.begin(), window.end());
    const auto log_probs = sets.ask({members}).front();
    if (!log_probs) return false;
    const Verdict verdict = by_score(*log_probs);
    for (std::size_t i = 0; i < window.size(); ++i) window[i] = members[verdict.order[i]];
    return true;
  }

  std::vector<std::string> labels_;
};

}  // namespace

std::size_t widest_window(const Judge& judge, std::size_t asked, AnswerKind answer) {
  if (judge.fits(asked, answer)) return asked;
  std::size_t low = 2, high = asked;  // Whether 2 fits is for cut_to_fit() to say; `high` does not.
  while (high > low + 1) {
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
          {.method = "listwise",
           .layout = PassageLayout::lines,
           .passages = {"passages"},
           .answers = {"identifier", "separator"}},
          make_method<ByPermutation>,
          [](const RerankOptions& options) { return options.answer == ListwiseAnswer::permutation; }};
}

Method first_token_method() {
  return {RerankMethod::listwise, setwise_schema(), make_method<ByFirstToken>,
          [](const RerankOptions& options) { return options.answer == ListwiseAnswer::first_token; }};
}

}  // namespace dragoman::reranking
