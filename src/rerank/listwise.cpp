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
#include "rerank/permutation_grammar.h"

namespace dragoman::reranking {
namespace {

class Listwise final : public JudgingReranker {
 public:
  Listwise(const RerankOptions& options, std::shared_ptr<LanguageModel> model, Prompt prompt)
      : JudgingReranker(options, std::move(model), std::move(prompt)) {
    spell_identifiers(this->model(), this->prompt(), options.window);  // So that a bad prompt is refused early.
  }

 private:
  Verdict judge(Judge& judge, RerankReport& report) override {
    const std::size_t asked = std::min(options().window, judge.size());
    const Identifiers identifiers = spell_identifiers(model(), prompt(), asked);
    const std::size_t width = widest_window(judge, identifiers, asked);
    const std::size_t stride =
        width == asked ? options().stride : std::max<std::size_t>(1, options().stride * width / options().window);
    judge.cut_to_fit(width, identifiers.longest_answer(width));

    const auto windows = sliding_windows(judge.size(), width, std::min(stride, width));
    if (width < asked) report.narrowed_windows += windows.size();
    const Tokens prefix = windows.size() > 1 ? prefix_of_windows(judge) : Tokens{};
    std::vector<std::size_t> order(judge.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (const auto& [begin, end] : windows) {
      std::vector<Judge::Passage> passages;
      for (std::size_t i = begin; i < end; ++i) passages.push_back(judge.passage(order[i]));
      PermutationGrammar grammar(identifiers, passages.size());
      judge.generate(judge.prompt(passages), prefix, grammar);
      for (std::size_t i = begin; i < end; ++i) order[i] = passages[grammar.order()[i - begin]].candidate;
    }
    return {order, {}};
  }

  static std::size_t widest_window(const Judge& judge, const Identifiers& identifiers, std::size_t asked) {
    const auto fits = [&](std::size_t width) { return judge.fits(width, identifiers.longest_answer(width)); };
    if (fits(asked)) return asked;
    std::size_t low = 2, high = asked;  // Whether 2 fits is for cut_to_fit() to say; `high` does not.
    while (high - low > 1) {
      const std::size_t middle = (low + high) / 2;
      (fits(middle) ? low : high) = middle;
    }
    return low;
  }

  /// Any passage may come to lead a window, so what they share is what prompts share that each begin with another.
  static Tokens prefix_of_windows(Judge& judge) {
    std::vector<Tokens> prompts;
    for (std::size_t i = 0; i < judge.size(); ++i) prompts.push_back(judge.prompt({judge.passage(i)}));
    return common_prefix(prompts);
  }
};

}  // namespace

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
          [](const RerankOptions& options, std::shared_ptr<LanguageModel> model, Prompt prompt) {
            return std::unique_ptr<Reranker>(new Listwise(options, std::move(model), std::move(prompt)));
          }};
}

}  // namespace dragoman::reranking
