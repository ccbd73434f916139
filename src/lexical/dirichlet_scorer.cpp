#include "lexical/dirichlet_scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lexical/score_kernels.h"

namespace dragoman {
namespace {

float gain_of(std::uint32_t frequency, double inverse) {
  return static_cast<float>(std::log1p(static_cast<double>(frequency) * inverse));
}

}  // namespace

DirichletScorer::DirichletScorer(Settings settings) : settings_(std::move(settings)) {
  gains_.reserve(settings_.inverses.size() * kTable);
  for (const double inverse : settings_.inverses) {
    for (std::uint32_t tf = 1; tf <= kTable; ++tf) gains_.push_back(gain_of(tf, inverse));
  }
}

std::int32_t DirichletScorer::share(float gain, float norm) const {
  // The weight as an impact: rounded the same way, and at least 1.
  return impact_of(settings_.weight * std::max(gain + norm, 0.0f), 1);
}

std::int32_t DirichletScorer::score(std::uint32_t document, std::uint32_t frequency) const {
  frequency = std::min(frequency, settings_.most_frequency);  // Steps are made for no more than that.
  const std::size_t group = settings_.inverses.size() == 1 ? 0 : settings_.groups[document];
  const float gain =
      frequency <= kTable ? gains_[group * kTable + frequency - 1] : gain_of(frequency, settings_.inverses[group]);
  return share(gain, settings_.norms[document]);
}

void DirichletScorer::score(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                            std::int32_t* out) const {
  for (std::size_t i = 0; i < count; ++i) out[i] = score(documents[i], frequencies[i]);
}

void DirichletScorer::bound(std::span<const BlockHeader> headers, std::int32_t* out) const {
  for (const BlockHeader& header : headers) {
    double inverse = settings_.inverses.size() == 1 ? settings_.inverses[0] : 0;
    for (std::size_t i = 0; i < 8 && settings_.inverses.size() > 1; ++i) {
      if ((header.languages >> i & 1) != 0) inverse = std::max(inverse, settings_.place_inverses[i]);
    }
    std::int32_t bound = 1;
    for (std::uint32_t i = 0; i < kFrequencyClasses; ++i) {
      if (header.least_length[i] == kNoLength) continue;
      std::uint32_t tf = i + 1;
      if (tf == kFrequencyClasses) tf = header.most_frequency;
      if (tf == 255 || tf > settings_.most_frequency) tf = settings_.most_frequency;
      bound = std::max(bound, share(gain_of(tf, inverse), (*settings_.least_norms)[header.least_length[i]]));
    }
    *out++ = raise_bound(bound);
  }
}

}  // namespace dragoman
