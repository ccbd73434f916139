#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "dragoman/base/error.h"
#include "dragoman/evaluate/fairness.h"
#include "evaluate/exposure.h"
#include "evaluate/languages.h"

namespace dragoman {
namespace {

/// The hits of one language in a ranking, and what they were given so far.
struct Queue {
  double fair = 0;                 // its share, scaled to the languages that are here
  double exposure = 0;             // of the ranks it was given
  std::vector<std::size_t> ranks;  // its hits, best first, from 0
  std::size_t next = 0;

  bool empty() const { return next == ranks.size(); }
  std::size_t front() const { return ranks[next]; }
};

std::map<Language, Queue> queues_of(const Ranking& ranking, const LanguageOf& document_languages,
                                    const std::map<Language, double>& fair_exposure) {
  std::map<Language, Queue> queues;
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    queues[language_of(ranking[i].id, document_languages)].ranks.push_back(i);
  }
  double claimed = 0;
  for (auto& [language, queue] : queues) {
    const auto share = fair_exposure.find(language);
    queue.fair = share == fair_exposure.end() ? 0 : share->second;
    claimed += queue.fair;
  }
  for (auto& [language, queue] : queues) queue.fair = claimed == 0 ? 0 : queue.fair / claimed;
  return queues;
}

/// Gives each rank to the front of the queue that has most of `value(queue, rank)`, and of equal ones to the best hit.
template <typename Value>
Ranking in_turns(const Ranking& ranking, std::map<Language, Queue>& queues, Value value) {
  Ranking result;
  result.reserve(ranking.size());
  for (std::size_t rank = 0; rank < ranking.size(); ++rank) {
    Queue* best = nullptr;
    double best_value = 0;
    for (auto& [language, queue] : queues) {
      if (queue.empty()) continue;
      const double own = value(queue, rank);
      if (best == nullptr || own > best_value || (own == best_value && queue.front() < best->front())) {
        best = &queue;
        best_value = own;
      }
    }
    // The next lower float keeps evaluators, which sort, from bringing equal scores into an order of their own.
    const float bound = rank == 0 ? std::numeric_limits<float>::infinity()
                                  : std::nextafter(result.back().score, -std::numeric_limits<float>::infinity());
    result.push_back({ranking[best->front()].id, std::min(ranking[rank].score, bound)});
    best->exposure += exposure_of(rank + 1);
    ++best->next;
  }
  return result;
}

}  // namespace

Ranking balance_exposure(const Ranking& ranking, const LanguageOf& document_languages,
                         const std::map<Language, double>& fair_exposure, double dial) {
  if (!(dial >= 0 && dial <= 1)) throw InvalidArgument(fmt::format("the dial is {}, expected 0 to 1", dial));
  if (dial == 0 || ranking.size() < 2) return ranking;

  auto queues = queues_of(ranking, document_languages, fair_exposure);
  const double lowest = ranking.back().score, range = ranking.front().score - lowest;
  const auto score = [&](std::size_t rank) { return range > 0 ? (ranking[rank].score - lowest) / range : 0; };
  // With the rank in question, so that a language that had all it can claim of the ranks before is still the next one's
  // heir.
  std::vector<double> given;
  for (std::size_t rank = 0; rank < ranking.size(); ++rank) {
    given.push_back(exposure_of(rank + 1) + (rank == 0 ? 0 : given.back()));
  }
  return in_turns(ranking, queues, [&](const Queue& queue, std::size_t rank) {
    return (1 - dial) * score(queue.front()) + dial * (queue.fair - queue.exposure / given[rank]);
  });
}

Ranking guarantee_exposure(const Ranking& ranking, const LanguageOf& document_languages,
                           const std::map<Language, double>& fair_exposure, double share) {
  if (!(share >= 0 && share <= 1)) {
    throw InvalidArgument(fmt::format("the guaranteed share is {}, expected 0 to 1", share));
  }
  if (share == 0 || ranking.size() < 2) return ranking;
  auto queues = queues_of(ranking, document_languages, fair_exposure);
  return in_turns(ranking, queues, [&](const Queue& queue, std::size_t rank) {
    // Sums of fair shares are not exact; a hundred-millionth of a hit is none.
    const double least = std::floor(share * queue.fair * static_cast<double>(rank + 1) + 1e-8);
    return std::max(least - static_cast<double>(queue.next), 0.0);
  });
}

}  // namespace dragoman
