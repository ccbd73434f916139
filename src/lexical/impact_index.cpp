#include "dragoman/lexical/impact_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "dragoman/base/error.h"
#include "lexical/impact_query.h"
#include "lexical/max_score.h"
#include "lexical/score_kernels.h"
#include "lexical/segment_order.h"

namespace dragoman {
namespace {

class ImpactScorer : public Scorer {
 public:
  explicit ImpactScorer(float weight) : weight_(weight) {}

  void score(const std::uint32_t*, const std::uint32_t* impacts, std::size_t count, std::int32_t* out) const override {
    score_impacts(impacts, count, weight_, out);
  }
  std::int32_t score(std::uint32_t, std::uint32_t impact) const override { return impact_of(weight_, impact); }
  void bound(std::span<const BlockHeader> headers, std::int32_t* out) const override {
    // Exact where the header has the impact: the rounded product does not fall when the impact rises.
    for (const BlockHeader& header : headers) *out++ = impact_of(weight_, most_impact(header));
  }

 private:
  /// Headers count to 255; above, no impact of the block has more bits than all of them are kept in.
  static std::uint32_t most_impact(const BlockHeader& header) {
    if (header.most_frequency < 255) return header.most_frequency;
    return std::min(std::uint32_t{1} << std::min<unsigned>(header.frequency_bits, 31), kMostImpact);
  }

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
  const ImpactQuery asked(query);
  if (asked.terms.empty() || depth == 0) return {};
  std::vector<ImpactScorer> scorers(asked.weights.begin(), asked.weights.end());
  const bool ascending =
      std::ranges::all_of(segments_, [](const auto& segment) { return segment->content().order.empty(); });
  TopDocuments top(depth, ascending);
  for (const auto& segment : segments_) {
    std::vector<ScoredList> lists;
    for (std::size_t i = 0; i < asked.terms.size(); ++i) {
      const PostingList list = segment->content().find(asked.terms[i]);
      if (list.size > 0) lists.push_back({list, &scorers[i]});
    }
    if (lists.empty()) continue;
    const PartSearch part{segment->content(), lists, allowed, false};
    search_part(method, part, top);
  }
  return std::move(top).take(asked.unit);
}

}  // namespace dragoman
