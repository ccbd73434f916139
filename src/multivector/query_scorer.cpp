#include "multivector/query_scorer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "multivector/kernels.h"

namespace dragoman {
namespace {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

/// The best centroids of one token so far: a heap with the worst in front.
using Probes = std::vector<std::pair<float, std::uint32_t>>;

bool better(const Probes::value_type& a, const Probes::value_type& b) {
  return a.first != b.first ? a.first > b.first : a.second < b.second;
}

}  // namespace

QueryScorer::QueryScorer(const CodebookView& codebook) : codebook_(codebook) {}

void QueryScorer::prepare(MatrixView query, bool approximate) {
  const std::size_t padded = codebook_.padded();
  const Panel panel(query, nullptr, padded);
  residual_panel_.emplace(query, codebook_.weights.data(), padded);
  tokens_ = query.rows;
  lanes_ = panel.lanes();
  best_.resize(lanes_);
  scores_.resize(codebook_.count * lanes_);
  score_rows(panel.view(), codebook_.centroids.data(), codebook_.centroid_scales.data(), codebook_.count,
             scores_.data());
  if (approximate) quantize(query.rows);
}

void QueryScorer::quantize(std::size_t tokens) {
  std::vector<float> sums(lanes_), highest(lanes_, kLowest);
  for (std::size_t c = 0; c < codebook_.count; ++c) {
    const float* row = scores_.data() + c * lanes_;
    for (std::size_t l = 0; l < lanes_; ++l) {
      sums[l] += row[l];
      highest[l] = std::max(highest[l], row[l]);
    }
  }
  float reach = 0;
  floor_ = 0;
  for (std::size_t l = 0; l < tokens; ++l) {
    sums[l] /= static_cast<float>(codebook_.count);
    reach = std::max(reach, highest[l] - sums[l]);
    floor_ += sums[l];
  }
  step_ = reach / 255;
  steps_.resize(scores_.size());
  quantize_scores(scores_.data(), sums.data(), reach > 0 ? 255 / reach : 0, lanes_, codebook_.count, steps_.data());
}

const std::vector<std::uint16_t>& QueryScorer::probed_centroids(std::size_t probes) {
  probes = std::min(probes, codebook_.count);
  std::vector<Probes> best(tokens_);
  std::vector<float> least(lanes_, kLowest);  // What a score must be above to get in.
  std::fill(least.begin() + static_cast<std::ptrdiff_t>(tokens_), least.end(), -kLowest);
  for (std::uint32_t c = 0; c < codebook_.count; ++c) {
    const float* row = scores_.data() + c * lanes_;
    // Hardly any row gets in anywhere; this is one look at a few vectors of lanes.
    int any = 0;
    for (std::size_t l = 0; l < lanes_; ++l) any |= row[l] > least[l];
    if (any == 0) continue;
    for (std::size_t l = 0; l < tokens_; ++l) {
      if (!(row[l] > least[l])) continue;
      Probes& of_token = best[l];
      if (of_token.size() == probes) {
        std::ranges::pop_heap(of_token, better);
        of_token.pop_back();
      }
      of_token.emplace_back(row[l], c);
      std::ranges::push_heap(of_token, better);
      if (of_token.size() == probes) least[l] = of_token.front().first;
    }
  }
  probed_.clear();
  for (const Probes& of_token : best) {
    for (const auto& [score, c] : of_token) probed_.push_back(static_cast<std::uint16_t>(c));
  }
  std::ranges::sort(probed_);
  probed_.erase(std::unique(probed_.begin(), probed_.end()), probed_.end());
  return probed_;
}

float QueryScorer::approximate_score(const MultiVectorContent& content, std::size_t passage) const {
  const std::uint32_t steps = sum_of_max(
      steps_.data(), lanes_, content.centroids.data() + content.first_vector(passage), content.vectors_of(passage));
  return static_cast<float>(steps) * step_ + floor_;
}

float QueryScorer::full_score(const MultiVectorContent& content, std::size_t passage) {
  const std::size_t first = content.first_vector(passage);
  std::ranges::fill(best_, kLowest);
  max_over_tokens(residual_panel_->view(), {content.codes_of(first), codebook_.levels.data(), codebook_.bits},
                  scores_.data(), content.centroids.data() + first, content.scales.data() + first, codebook_.scale_unit,
                  content.vectors_of(passage), best_.data());
  float score = 0;
  for (std::size_t l = 0; l < tokens_; ++l) score += best_[l];
  // Numbers near the end of their range may overflow both ways; what has no order comes last.
  return score == score ? score : kLowest;
}

}  // namespace dragoman
