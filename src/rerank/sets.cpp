#include "rerank/sets.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "rerank/shuffle.h"

namespace dragoman::reranking {
namespace {

/// One order of one set, and where its answer goes.
struct Asked {
  std::size_t set = 0;
  std::vector<std::size_t> positions;  ///< Of the set's members, in the order of the prompt.
};

std::vector<double> log_softmax(std::vector<double> values) {
  const double most = *std::max_element(values.begin(), values.end());
  if (!std::isfinite(most)) return std::vector<double>(values.size(), 0);  // Nothing was told of any of them.
  double sum = 0;
  for (const double value : values) sum += std::exp(value - most);
  // As unlikely as it gets: keeps a member that an endpoint did not name from being infinitely bad on average.
  constexpr double kFloor = -30;
  for (double& value : values) value = std::max(kFloor, value - most - std::log(sum));
  return values;
}

}  // namespace

PromptSchema setwise_schema() {
  return {.method = "setwise",
          .layout = PassageLayout::lines,
          .passages = {"passages"},
          .answers = {"label"},
          .mark = "letter"};
}

std::vector<std::optional<std::vector<double>>> Sets::ask(const std::vector<Candidates>& sets) {
  // Questions of one size share their labels, so they make a batch.
  std::map<std::size_t, std::vector<Asked>> by_size;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    std::vector<std::size_t> positions(sets[s].size());
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    by_size[sets[s].size()].push_back({s, positions});
    for (std::size_t i = 0; i < shuffles_; ++i) {
      // The first other order is the reverse, which moves every passage as far as can be; then any.
      if (i == 0) {
        std::reverse(positions.begin(), positions.end());
      } else {
        shuffle(positions, random_);
      }
      by_size[sets[s].size()].push_back({s, positions});
    }
  }
  std::vector<std::vector<std::vector<double>>> answers(sets.size());  // [sets][orders][members]
  for (const auto& [size, batch] : by_size) {
    std::vector<Question> questions;
    for (const Asked& asked : batch) {
      Question& question = questions.emplace_back();
      for (const std::size_t position : asked.positions) question.push_back(judge_.passage(sets[asked.set][position]));
    }
    const auto told = judge_.choose(questions, labels_.first(size));
    for (std::size_t i = 0; i < told.size(); ++i) {
      const auto log_probs = log_softmax(told[i]);
      auto& of_members = answers[batch[i].set].emplace_back(size);
      for (std::size_t p = 0; p < size; ++p) of_members[batch[i].positions[p]] = log_probs[p];
    }
  }
  std::vector<std::optional<std::vector<double>>> result(sets.size());
  for (std::size_t s = 0; s < sets.size(); ++s) {
    for (std::size_t i = 1; i < answers[s].size(); ++i) compare(answers[s][0], answers[s][i]);
    if (answers[s].size() != 1 + shuffles_) continue;
    auto& mean = result[s].emplace(sets[s].size(), 0.0);
    for (const auto& answer : answers[s]) {
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += answer[i] / static_cast<double>(answers[s].size());
    }
  }
  return result;
}

std::vector<std::optional<std::size_t>> Sets::best_of(const std::vector<Candidates>& sets) {
  const auto answers = ask(sets);
  std::vector<std::optional<std::size_t>> best(sets.size());
  for (std::size_t s = 0; s < sets.size(); ++s) {
    if (!answers[s]) continue;
    std::size_t winner = 0;
    for (std::size_t i = 1; i < sets[s].size(); ++i) {
      const double here = (*answers[s])[i], there = (*answers[s])[winner];
      if (here > there || (here == there && sets[s][i] < sets[s][winner])) winner = i;
    }
    best[s] = sets[s][winner];
  }
  return best;
}

void Sets::compare(const std::vector<double>& one, const std::vector<double>& other) {
  for (std::size_t a = 0; a < one.size(); ++a) {
    for (std::size_t b = a + 1; b < one.size(); ++b) {
      ++agreement_.compared;
      agreement_.inconsistent +=
          (one[a] > one[b]) != (other[a] > other[b]) || (one[a] < one[b]) != (other[a] < other[b]);
    }
  }
}

}  // namespace dragoman::reranking
