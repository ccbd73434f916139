// Qin et al., "Large Language Models are Effective Text Rankers with Pairwise Ranking Prompting", Findings of NAACL
// 2024: every pair is asked in both orders, for models favour a place; a winner must win in both (section 3.1). Sorted
// by the number of wins (PRP-Allpair, section 3.2), with a heap (PRP-Sorting, section 3.3) or by passes that carry the
// best up from the end (PRP-Sliding-K, section 3.4; K is the option `top`).

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "rerank/methods.h"
#include "rerank/sorts.h"

namespace dragoman::reranking {
namespace {

/// Asks about pairs, each once.
class Pairs {
 public:
  Pairs(Judge& judge, std::span<const std::string> labels) : judge_(judge), labels_(labels) {}

  /// Asks about these pairs in one batch, each in both orders; not again about those that were asked.
  void ask(const std::vector<std::pair<std::size_t, std::size_t>>& pairs) {
    std::vector<Question> questions;
    for (const auto& [a, b] : pairs) {
      if (leads_.contains({a, b}) && leads_.contains({b, a})) continue;
      questions.push_back({judge_.passage(a), judge_.passage(b)});
      questions.push_back({judge_.passage(b), judge_.passage(a)});
    }
    if (questions.empty()) return;
    // Those that one passage leads stand together, so that its state serves them all.
    std::ranges::stable_sort(questions, {}, [](const Question& question) { return question.front().candidate; });
    const auto answers = judge_.choose(questions, labels_);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      leads_[{questions[i][0].candidate, questions[i][1].candidate}] = answers[i][0] - answers[i][1];
    }
  }

  /// What `a` gets of the point that it shares with `b`: 1, 0, or 0.5 where the winner depends on the order; nothing
  /// where the budget was spent before both answers came.
  std::optional<double> wins(std::size_t a, std::size_t b) const {
    const auto a_leads = leads_.find({a, b}), b_leads = leads_.find({b, a});
    if (a_leads == leads_.end() || b_leads == leads_.end()) return std::nullopt;
    if (a_leads->second > 0 && b_leads->second < 0) return 1;
    if (a_leads->second < 0 && b_leads->second > 0) return 0;
    return 0.5;
  }

  /// The best of each group by a knock-out, the first against the second, whoever wins against the third: as many
  /// batches as the largest group has candidates, less one. Half a win each: first-stage order.
  std::vector<std::optional<std::size_t>> best_of(const std::vector<Candidates>& groups) {
    std::vector<std::optional<std::size_t>> best;
    for (const Candidates& group : groups) best.push_back(group.front());
    for (std::size_t round = 1;; ++round) {
      std::vector<std::pair<std::size_t, std::size_t>> pairs;
      std::vector<std::size_t> playing;
      for (std::size_t g = 0; g < groups.size(); ++g) {
        if (round >= groups[g].size() || !best[g]) continue;
        pairs.emplace_back(std::minmax(*best[g], groups[g][round]));
        playing.push_back(g);
      }
      if (pairs.empty()) return best;
      ask(pairs);
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        const auto wins = this->wins(pairs[i].first, pairs[i].second);
        best[playing[i]] = !wins ? std::nullopt : std::optional(*wins >= 0.5 ? pairs[i].first : pairs[i].second);
      }
    }
  }

  /// The pairs that were asked in both orders, and those whose winner depended on it. Two exact ties agree that there
  /// is no winner.
  Agreement agreement() const {
    Agreement agreement;
    for (const auto& [pair, preference] : leads_) {
      const auto other = leads_.find({pair.second, pair.first});
      if (pair.first > pair.second || other == leads_.end()) continue;
      const bool agree = (preference > 0 && other->second < 0) || (preference < 0 && other->second > 0) ||
                         (preference == 0 && other->second == 0);
      ++agreement.compared;
      agreement.inconsistent += !agree;
    }
    return agreement;
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

class Pairwise final : public JudgingReranker {
 public:
  Pairwise(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : JudgingReranker(options, std::move(answerer), std::move(prompt)), labels_(labels({"a", "b"})) {}

 private:
  Verdict judge(Judge& judge, RerankReport&) override {
    judge.cut_to_fit(2, AnswerKind::label);
    Pairs pairs(judge, labels_);
    const BestOf best_of = [&](const std::vector<Candidates>& groups) { return pairs.best_of(groups); };
    Verdict verdict;
    switch (options().sort) {
      case RerankSort::heap:
        verdict.order = heap_sort(judge.size(), options().top, 2, best_of);
        break;
      case RerankSort::sliding:
        verdict.order = sliding_sort(judge.size(), options().top, 2, best_of);
        break;
      case RerankSort::automatic:
      case RerankSort::all_pairs:
        verdict = sort_by_wins(pairs, judge.size());
        break;
    }
    verdict.agreement = pairs.agreement();
    return verdict;
  }

  std::vector<std::string> labels_;
};

}  // namespace

Method pairwise_method() {
  return {RerankMethod::pairwise,
          {.method = "pairwise",
           .layout = PassageLayout::named,
           .passages = {"passage_a", "passage_b"},
           .answers = {"a", "b"}},
          make_method<Pairwise>};
}

}  // namespace dragoman::reranking
