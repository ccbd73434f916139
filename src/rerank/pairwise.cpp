// Qin et al., "Large Language Models are Effective Text Rankers with Pairwise Ranking Prompting", Findings of NAACL
// 2024: every pair is asked in both orders, for models favour a place; a winner must win in both (section 3.1). Sorted
// by the number of wins (PRP-Allpair, section 3.2) or with a heap (PRP-Sorting, section 3.3).

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "rerank/methods.h"

namespace dragoman::reranking {
namespace {

/// The budget was spent before the answer came.
struct Spent {};

/// Asks about pairs, each once.
class Pairs {
 public:
  Pairs(Judge& judge, std::span<const std::string> labels) : judge_(judge), labels_(labels) {}

  /// Asks about these pairs in one batch, each in both orders.
  void ask(const std::vector<std::pair<std::size_t, std::size_t>>& pairs) {
    std::vector<Question> questions;
    for (const auto& [a, b] : pairs) {
      questions.push_back({judge_.passage(a), judge_.passage(b)});
      questions.push_back({judge_.passage(b), judge_.passage(a)});
    }
    // Those that one passage leads stand together, so that its state serves them all.
    std::ranges::stable_sort(questions, {}, [](const Question& question) { return question.front().candidate; });
    const auto answers = judge_.choose(questions, labels_);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      leads_[{questions[i][0].candidate, questions[i][1].candidate}] = answers[i][0] - answers[i][1];
    }
  }

  /// What `a` gets of the point that it shares with `b`: 1, 0, or 0.5 where the winner depends on the order; nothing
  /// where the budget was spent before both answers came.
  std::optional<double> wins(std::size_t a, std::size_t b) {
    const auto a_leads = leads_.find({a, b}), b_leads = leads_.find({b, a});
    if (a_leads == leads_.end() || b_leads == leads_.end()) return std::nullopt;
    if (a_leads->second > 0 && b_leads->second < 0) return 1;
    if (a_leads->second < 0 && b_leads->second > 0) return 0;
    return 0.5;
  }

  double ask_wins(std::size_t a, std::size_t b) {
    if (!leads_.contains({a, b})) ask({{a, b}});
    const auto wins = this->wins(a, b);
    if (!wins) throw Spent{};
    return *wins;
  }

  /// Pairs whose winner depended on the order of the two. Two exact ties agree that there is no winner.
  std::uint64_t inconsistent() const {
    std::uint64_t count = 0;
    for (const auto& [pair, preference] : leads_) {
      const auto other = leads_.find({pair.second, pair.first});
      if (pair.first > pair.second || other == leads_.end()) continue;
      const bool agree = (preference > 0 && other->second < 0) || (preference < 0 && other->second > 0) ||
                         (preference == 0 && other->second == 0);
      count += !agree;
    }
    return count;
  }

 private:
  Judge& judge_;
  std::span<const std::string> labels_;
  std::map<std::pair<std::size_t, std::size_t>, double> leads_;  ///< Preference for the first, which stood first.
};

Verdict sort_by_wins(Pairs& pairs, std::size_t count) {
  std::vector<std::pair<std::size_t, std::size_t>> all;
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) all.emplace_back(a, b);
  }
  pairs.ask(all);
  std::vector<double> wins(count, 0);
  for (const auto& [a, b] : all) {
    const double of_a = pairs.wins(a, b).value_or(0.5);
    wins[a] += of_a;
    wins[b] += 1 - of_a;
  }
  return by_score(wins);
}

/// Heap sort, O(count log count) pairs. Written out, because preferences may be circular, which no standard sort
/// allows.
Verdict sort_by_heap(Pairs& pairs, std::size_t count) {
  const auto worse = [&](std::size_t a, std::size_t b) {
    const double of_a = pairs.ask_wins(a, b);
    return of_a < 0.5 || (of_a == 0.5 && a > b);  // Half a win each: first-stage order.
  };
  // The root is the worst of the heap; taking roots away fills the list from its end.
  std::vector<std::size_t> heap(count);
  std::iota(heap.begin(), heap.end(), std::size_t{0});
  const auto sift_down = [&](std::size_t at, std::size_t end) {
    for (std::size_t child = 2 * at + 1; child < end; child = 2 * at + 1) {
      if (child + 1 < end && worse(heap[child + 1], heap[child])) ++child;
      if (!worse(heap[child], heap[at])) return;
      std::swap(heap[at], heap[child]);
      at = child;
    }
  };
  // What is still in the heap when the budget is spent goes before what was taken out of it, in first-stage order.
  std::size_t end = count;
  try {
    for (std::size_t at = count / 2; at-- > 0;) sift_down(at, count);
    while (end > 1) {
      std::swap(heap[0], heap[--end]);
      sift_down(0, end);
    }
  } catch (const Spent&) {
    std::sort(heap.begin(), heap.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return {heap, {}};
}

class Pairwise final : public JudgingReranker {
 public:
  Pairwise(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : JudgingReranker(options, std::move(answerer), std::move(prompt)), labels_(labels({"a", "b"})) {
    this->answerer().check_labels(this->prompt(), labels_);
  }

 private:
  Verdict judge(Judge& judge, RerankReport& report) override {
    judge.cut_to_fit(2, AnswerKind::label);
    Pairs pairs(judge, labels_);
    Verdict verdict =
        options().sort == PairwiseSort::heap ? sort_by_heap(pairs, judge.size()) : sort_by_wins(pairs, judge.size());
    report.inconsistent_pairs += pairs.inconsistent();
    return verdict;
  }

  std::vector<std::string> labels_;
};

}  // namespace

Method pairwise_method() {
  return {RerankMethod::pairwise,
          {"pairwise", PassageLayout::named, {"passage_a", "passage_b"}, {"a", "b"}},
          make_method<Pairwise>};
}

}  // namespace dragoman::reranking
