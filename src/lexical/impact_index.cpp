#include "dragoman/lexical/impact_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "dragoman/base/error.h"
#include "lexical/max_score.h"
#include "lexical/score_kernels.h"
#include "lexical/segment_order.h"

namespace dragoman {
namespace {

constexpr std::uint32_t kMostImpact = 255;

class ImpactScorer : public Scorer {
 public:
  explicit ImpactScorer(float weight) : weight_(weight) {}

  void score(const std::uint32_t*, const std::uint32_t* impacts, std::size_t count, std::int32_t* out) const override {
    score_impacts(impacts, count, weight_, out);
  }
  std::int32_t score(std::uint32_t, std::uint32_t impact) const override { return impact_of(weight_, impact); }
  void bound(std::span<const BlockHeader> headers, std::int32_t* out) const override {
    // Exact: the rounded product does not fall when the impact rises.
    for (const BlockHeader& header : headers) *out++ = impact_of(weight_, header.most_frequency);
  }

 private:
  float weight_;
};

}  // namespace

std::uint32_t ImpactQuantizer::operator()(float weight) const {
  if (!(weight > 0)) return 0;
  return static_cast<std::uint32_t>(std::lround(std::min(weight / most, 1.0f) * static_cast<float>(kMostImpact)));
}

ImpactIndex::ImpactIndex(std::vector<std::shared_ptr<const LexicalSegment>> segments)
    : segments_(in_document_order(std::move(segments))) {
  for (const auto& segment : segments_) {
    if (segment->content().most_frequency > kMostImpact) {
      throw InvalidData(fmt::format("{}: has an impact of {}; quantise them to at most {}", segment->path().string(),
                                    segment->content().most_frequency, kMostImpact));
    }
  }
}

std::vector<ScoredDocument> ImpactIndex::search(std::span<const WeightedTerm> query, std::size_t depth,
                                                TopKMethod method, const DocumentSet* allowed) const {
  // In a fixed order, so that sums of weights are the same whatever the order of the query.
  std::vector<WeightedTerm> sorted(query.begin(), query.end());
  std::sort(sorted.begin(), sorted.end(), [](const WeightedTerm& a, const WeightedTerm& b) {
    return a.term != b.term ? a.term < b.term : a.weight < b.weight;
  });
  std::vector<WeightedTerm> terms;
  double sum = 0;
  for (const WeightedTerm& term : sorted) {
    if (!std::isfinite(term.weight) || term.weight <= 0) {
      throw InvalidArgument(
          fmt::format("the weight of '{}' is {}, must be finite and above 0", term.term, term.weight));
    }
    sum += term.weight;
    if (!terms.empty() && terms.back().term == term.term) {
      terms.back().weight += term.weight;
    } else {
      terms.push_back(term);
    }
  }
  if (terms.empty() || depth == 0) return {};
  const ScoreSteps steps(sum * kMostImpact);

  std::vector<ImpactScorer> scorers;
  for (const WeightedTerm& term : terms) scorers.emplace_back(static_cast<float>(term.weight * steps.per_unit()));
  const bool ascending =
      std::ranges::all_of(segments_, [](const auto& segment) { return segment->content().order.empty(); });
  TopDocuments top(depth, ascending);
  for (const auto& segment : segments_) {
    std::vector<ScoredList> lists;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const PostingList list = segment->content().find(terms[i].term);
      if (list.size > 0) lists.push_back({list, &scorers[i]});
    }
    if (lists.empty()) continue;
    const PartSearch part{segment->content(), lists, allowed, false};
    search_part(method, part, top);
  }
  return std::move(top).take(steps.unit());
}

}  // namespace dragoman
