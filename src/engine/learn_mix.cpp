#include <algorithm>
#include <numeric>

#include "dragoman/base/error.h"
#include "dragoman/engine/rerank_texts.h"
#include "dragoman/evaluate/evaluation.h"
#include "dragoman/rerank/mix.h"

namespace dragoman {
namespace {

constexpr int kSteps = 20;  ///< Shares of a twentieth.
constexpr std::size_t kFolds = 5;
constexpr double kAsGood = 0.001;  ///< Of nDCG: what a few queries cannot tell.

Ranking mixed(const Ranking& first, const Ranking& method, std::size_t depth, double share) {
  std::map<std::string, float, std::less<>> of_method;
  for (const Hit& hit : method) of_method[hit.id] = hit.score;
  std::vector<double> first_scores, method_scores;
  const std::size_t judged = std::min(depth, first.size());
  for (const Hit& hit : std::span(first).first(judged)) {
    const auto found = of_method.find(hit.id);
    if (found == of_method.end()) return first;
    first_scores.push_back(static_cast<double>(hit.score));
    method_scores.push_back(static_cast<double>(found->second));
  }
  const auto scores = mix_scores(first_scores, method_scores, share);
  std::vector<std::size_t> order(judged);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  Ranking ranking;
  for (const std::size_t i : order) ranking.push_back({first[i].id, static_cast<float>(scores[i])});
  for (std::size_t i = judged; i < first.size(); ++i) ranking.push_back({first[i].id, ranking.back().score - 1});
  return ranking;
}

/// ndcg[step][query]
using Table = std::vector<std::vector<double>>;

double mean_at(const Table& table, std::size_t step, const std::vector<std::size_t>& queries) {
  double sum = 0;
  for (const std::size_t query : queries) sum += table[step][query];
  return queries.empty() ? 0 : sum / static_cast<double>(queries.size());
}

std::size_t best_step(const Table& table, const std::vector<std::size_t>& queries) {
  double best = 0;
  for (std::size_t step = 0; step < table.size(); ++step) best = std::max(best, mean_at(table, step, queries));
  std::size_t chosen = table.size() - 1;
  while (mean_at(table, chosen, queries) < best - kAsGood) --chosen;
  return chosen;
}

}  // namespace

Run mix_runs(const Run& first, const Run& method, std::size_t depth, double share) {
  Run run;
  for (const auto& [query, ranking] : first) {
    if (const auto found = method.find(query); found != method.end()) {
      run[query] = mixed(ranking, found->second, depth, share);
    }
  }
  return run;
}

LearnedMix learn_mix(const Run& first, const Run& method, const Judgements& judgements, std::size_t depth) {
  Judgements judged;
  for (const auto& [query, grades] : judgements) {
    if (first.contains(query) && method.contains(query)) judged.emplace(query, grades);
  }
  if (judged.empty()) throw InvalidArgument("no query of the run is judged; a mix is learned on judged ones");
  const std::vector<Measure> measures = {parse_measure("nDCG@10")};
  Table table;
  for (int step = 0; step <= kSteps; ++step) {
    Run run;
    for (const auto& [query, grades] : judged) {
      run[query] = mixed(first.at(query), method.at(query), depth, static_cast<double>(step) / kSteps);
    }
    std::vector<double>& row = table.emplace_back();
    for (const QueryValues& values : evaluate(judged, run, measures).queries) row.push_back(values.values.front());
  }

  LearnedMix learned;
  learned.queries = table.front().size();
  std::vector<std::size_t> all(learned.queries);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t step = 0; step < table.size(); ++step) {
    learned.steps.push_back({static_cast<float>(step) / kSteps, mean_at(table, step, all)});
  }
  learned.best = learned.steps[best_step(table, all)].share;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<std::size_t> held, others;
    for (const std::size_t query : all) (query % kFolds == fold ? held : others).push_back(query);
    // With too few queries for a fold to be judged by others, the first stage is what is known to be good.
    const std::size_t step = others.empty() ? table.size() - 1 : best_step(table, others);
    for (const std::size_t query : held) {
      learned.held_out += table[step][query] / static_cast<double>(learned.queries);
    }
  }
  return learned;
}

}  // namespace dragoman
