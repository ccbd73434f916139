#include "lexical/proximity.h"

#include <algorithm>
#include <utility>

#include "lexical/phrase_matcher.h"
#include "lexical/segment_content.h"

namespace dragoman {
namespace {

/// A word of a query where its nearness to others is looked at.
struct ProximityWord {
  PositionCursor cursor;
  double idf = 0;  // In the documents at hand.
};

/// What a document of the words' segment gets, without its weight.
/// @param words each once.
/// @param norm  k1 * (1 - b + b * len / avg).
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

}  // namespace

void Proximity::add_to(std::vector<ScoredDocument>& documents, std::span<const WeightedWord> query,
                       const Bm25Options& options, const LengthNorms& length_norms) const {
  std::vector<std::string_view> different;
  for (const WeightedWord& word : query) different.push_back(word.word);
  std::ranges::sort(different);
  different.erase(std::unique(different.begin(), different.end()), different.end());
  const std::vector<QueryWord> words = statistics_.look_up(different, options);

  const std::size_t count = std::min(documents.size(), options.proximity_depth);
  for (std::size_t p = 0; p < statistics_.parts().size(); ++p) {
    std::vector<ProximityWord> near;
    std::vector<const QueryWord*> of;
    for (const QueryWord& word : words) {
      if (word.lists[p].size == 0) continue;
      near.push_back({PositionCursor(word.lists[p]), 0});
      of.push_back(&word);
    }
    const LexicalPart& part = statistics_.parts()[p];
    const std::uint64_t first = part.segment->first_document();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t number = documents[i].document;
      if (number < first || number - first >= part.segment->document_count()) continue;
      const std::uint32_t document = place_of(p, static_cast<std::uint32_t>(number - first));
      for (std::size_t w = 0; w < near.size(); ++w) {
        near[w].idf = of[w]->weights.size() == 1 ? of[w]->weights[0] : of[w]->weights[part.groups[document]];
      }
      const double added = proximity_score(near, document, length_norms.by_part[p][document]);
      documents[i].score += static_cast<float>(static_cast<double>(options.proximity) * added);
    }
  }
  std::ranges::sort(documents, [](const ScoredDocument& a, const ScoredDocument& b) {
    return a.score != b.score ? a.score > b.score : a.document < b.document;
  });
}

std::uint32_t Proximity::place_of(std::size_t part, std::uint32_t number) const {
  const auto order = statistics_.parts()[part].segment->content().order;
  if (order.empty()) return number;
  const std::lock_guard lock(mutex_);
  if (places_.empty()) places_.resize(statistics_.parts().size());
  std::vector<std::uint32_t>& of_part = places_[part];
  if (of_part.empty()) {
    of_part.resize(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) of_part[order[i]] = i;
  }
  return of_part[number];
}

}  // namespace dragoman
