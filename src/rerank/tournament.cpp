// Chen et al., "TourRank: Utilizing Large Language Models for Documents Ranking with a Tournament-Inspired Strategy",
// WWW 2025: in each stage the candidates play in groups of which the better half goes on, until two are left, and get a
// point for each stage that they survive (section 3.1); the points of several tournaments are added up (section 3.2).
// Groups are dealt from the first stage's order, so that each holds strong and weak ones, and the order inside a group
// is shuffled, since models favour places. Differs in how a group is judged: where the paper has the model name the
// best, here they are read from the logits of their letters, without generating anything.

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "rerank/methods.h"
#include "rerank/sets.h"
#include "rerank/shuffle.h"

namespace dragoman::reranking {
namespace {

constexpr std::size_t kTournaments = 2;  ///< Without shuffles asked for: one says too little (section 5.3).

/// Candidates dealt into groups of at most `size`, as evenly as can be.
std::vector<Candidates> deal(const Candidates& playing, std::size_t size) {
  std::vector<Candidates> groups((playing.size() + size - 1) / size);
  for (std::size_t i = 0; i < playing.size(); ++i) groups[i % groups.size()].push_back(playing[i]);
  return groups;
}

class Tournament final : public JudgingReranker {
 public:
  Tournament(const RerankOptions& options, std::shared_ptr<Answerer> answerer, Prompt prompt)
      : JudgingReranker(options, std::move(answerer), std::move(prompt)), labels_(letter_labels(options.window)) {}

 private:
  Verdict judge(Judge& judge, RerankReport& report) override {
    const std::size_t asked = std::min(labels_.size(), judge.size());
    const std::size_t width = widest_window(judge, asked, AnswerKind::label);
    judge.cut_to_fit(width, AnswerKind::label);
    report.narrowed_windows += width < asked;

    const std::size_t tournaments = kTournaments + options().shuffles;
    Sets sets(judge, labels_, 0, options().seed);
    Random random(options().seed);
    std::vector<std::vector<double>> points(tournaments, std::vector<double>(judge.size(), 0));
    std::vector<Candidates> playing(tournaments, Candidates(judge.size()));
    for (Candidates& all : playing) std::iota(all.begin(), all.end(), std::size_t{0});
    // Stages of all tournaments in step, so that their groups make one batch.
    while (playing.front().size() > 1 && !judge.spent()) {
      std::vector<Candidates> groups;
      std::vector<std::size_t> whose;
      for (std::size_t t = 0; t < tournaments; ++t) {
        for (Candidates& group : deal(playing[t], width)) {
          shuffle(group, random);
          groups.push_back(std::move(group));
          whose.push_back(t);
        }
        playing[t].clear();
      }
      go_on(groups, whose, sets.ask(groups), playing, points);
    }
    std::vector<double> sum(judge.size(), 0);
    for (const auto& of_tournament : points) {
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += of_tournament[i];
    }
    Verdict verdict = by_score(sum);
    verdict.agreement = compare_scores(points);
    return verdict;
  }

  /// The better half of each group, rounded up, gets a point and plays on. A group that was not judged,
  /// the budget being spent, gets none.
  static void go_on(const std::vector<Candidates>& groups, const std::vector<std::size_t>& whose,
                    const std::vector<std::optional<std::vector<double>>>& answers, std::vector<Candidates>& playing,
                    std::vector<std::vector<double>>& points) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const Candidates& group = groups[g];
      std::vector<std::size_t> places(group.size());
      std::iota(places.begin(), places.end(), std::size_t{0});
      if (group.size() > 1) {
        if (!answers[g]) continue;
        std::ranges::sort(places, [&](std::size_t a, std::size_t b) {
          const double of_a = (*answers[g])[a], of_b = (*answers[g])[b];
          return of_a != of_b ? of_a > of_b : group[a] < group[b];
        });
        places.resize((group.size() + 1) / 2);
      }
      for (const std::size_t place : places) {
        playing[whose[g]].push_back(group[place]);
        points[whose[g]][group[place]] += 1;
      }
    }
    for (Candidates& left : playing) std::ranges::sort(left);  // First-stage order, to be dealt evenly.
  }

  std::vector<std::string> labels_;
};

}  // namespace

Method tournament_method() { return {RerankMethod::tournament, setwise_schema(), make_method<Tournament>}; }

}  // namespace dragoman::reranking
