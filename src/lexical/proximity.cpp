#include "lexical/proximity.h"

#include <algorithm>
#include <utility>

namespace dragoman {

double proximity_score(std::span<ProximityWord> words, std::uint32_t document, double norm) {
  std::vector<std::pair<std::uint32_t, std::size_t>> places;  // Position, word.
  std::vector<std::uint32_t> positions;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].cursor.seek(document) != document) continue;
    words[i].cursor.positions(positions);
    for (const std::uint32_t position : positions) places.emplace_back(position, i);
  }
  std::ranges::sort(places);
  std::vector<double> near(words.size(), 0);  // acc of the paper.
  for (std::size_t i = 1; i < places.size(); ++i) {
    const auto [before, a] = places[i - 1];
    const auto [position, b] = places[i];
    if (a == b || position == before) continue;
    const double distance = position - before;
    near[b] += words[a].idf / (distance * distance);
    near[a] += words[b].idf / (distance * distance);
  }
  double score = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (near[i] > 0) score += std::min(1.0, words[i].idf) * near[i] / (near[i] + norm);
  }
  return score;
}

}  // namespace dragoman
