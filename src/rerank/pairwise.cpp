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

/// Asks about pairs, each once.
class Pairs {
 public:
  Pairs(Judge& judge, AnswerTokens answers) : judge_(judge), answers_(answers), prefixes_(judge.size()) {}

  /// What `a` gets of the point that it shares with `b`: 1, 0, or 0.5 where the winner depends on the order.
  double wins(std::size_t a, std::size_t b) {
    const auto key = std::minmax(a, b);
    auto found = wins_of_lower_.find(key);
    if (found == wins_of_lower_.end()) found = wins_of_lower_.emplace(key, compare(key.first, key.second)).first;
    return a < b ? found->second : 1 - found->second;
  }

  std::uint64_t inconsistent() const { return inconsistent_; }

 private:
  double compare(std::size_t a, std::size_t b) {
    double a_leads = 0, b_leads = 0;
    // The model may still know the passage that led last; the order of asking changes cost, never answers.
    if (last_leader_ == b) {
      b_leads = preference_for_leader(b, a);
      a_leads = preference_for_leader(a, b);
    } else {
      a_leads = preference_for_leader(a, b);
      b_leads = preference_for_leader(b, a);
    }
    if (a_leads > 0 && b_leads < 0) return 1;
    if (a_leads < 0 && b_leads > 0) return 0;
    // Two exact ties agree that there is no winner.
    if (a_leads != 0 || b_leads != 0) ++inconsistent_;
    return 0.5;
  }

  double preference_for_leader(std::size_t leader, std::size_t other) {
    last_leader_ = leader;
    return judge_.contrast(judge_.prompt({judge_.passage(leader), judge_.passage(other)}), prefix(leader),
                           answers_.positive, answers_.negative);
  }

  /// What all prompts with this leader begin with: instructions, query and the leader itself.
  const Tokens& prefix(std::size_t leader) {
    if (!prefixes_[leader]) {
      std::vector<Tokens> prompts;
      for (std::size_t other = 0; other < judge_.size(); ++other) {
        if (other != leader) prompts.push_back(judge_.prompt({judge_.passage(leader), judge_.passage(other)}));
      }
      prefixes_[leader] = common_prefix(prompts);
    }
    return *prefixes_[leader];
  }

  Judge& judge_;
  AnswerTokens answers_;
  std::vector<std::optional<Tokens>> prefixes_;
  std::map<std::pair<std::size_t, std::size_t>, double> wins_of_lower_;
  std::optional<std::size_t> last_leader_;
  std::uint64_t inconsistent_ = 0;
};

Verdict sort_by_wins(Pairs& pairs, std::size_t count) {
  std::vector<double> wins(count, 0);
  for (std::size_t a = 0; a < count; ++a) {
    for (std::size_t b = a + 1; b < count; ++b) {
      const double of_a = pairs.wins(a, b);
      wins[a] += of_a;
      wins[b] += 1 - of_a;
    }
  }
  return by_score(wins);
}

/// Heap sort, O(count log count) pairs. Written out, because preferences may be circular, which no standard sort
/// allows.
Verdict sort_by_heap(Pairs& pairs, std::size_t count) {
  const auto worse = [&](std::size_t a, std::size_t b) {
    const double of_a = pairs.wins(a, b);
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
  for (std::size_t at = count / 2; at-- > 0;) sift_down(at, count);
  for (std::size_t end = count; end-- > 1;) {
    std::swap(heap[0], heap[end]);
    sift_down(0, end);
  }
  return {heap, {}};
}

class Pairwise final : public JudgingReranker {
 public:
  Pairwise(const RerankOptions& options, std::shared_ptr<LanguageModel> model, Prompt prompt)
      : JudgingReranker(options, std::move(model), std::move(prompt)),
        answers_(answer_tokens(this->model(), this->prompt(), "a", "b")) {}

 private:
  Verdict judge(Judge& judge, RerankReport& report) override {
    judge.cut_to_fit(2, 0);
    Pairs pairs(judge, answers_);
    Verdict verdict =
        options().sort == PairwiseSort::heap ? sort_by_heap(pairs, judge.size()) : sort_by_wins(pairs, judge.size());
    report.inconsistent_pairs += pairs.inconsistent();
    return verdict;
  }

  AnswerTokens answers_;
};

}  // namespace

Method pairwise_method() {
  return {RerankMethod::pairwise,
          {"pairwise", PassageLayout::named, {"passage_a", "passage_b"}, {"a", "b"}},
          [](const RerankOptions& options, std::shared_ptr<LanguageModel> model, Prompt prompt) {
            return std::unique_ptr<Reranker>(new Pairwise(options, std::move(model), std::move(prompt)));
          }};
}

}  // namespace dragoman::reranking
