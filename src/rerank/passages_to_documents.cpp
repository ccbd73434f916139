#include "rerank/passages_to_documents.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

namespace dragoman::reranking {
namespace {

constexpr std::size_t kTop = 3;
constexpr double kDecay = 0.5;

double probability(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

}  // namespace

double document_score(std::span<const double> passages, DocumentReading reading) {
  if (passages.empty()) return -std::numeric_limits<double>::infinity();
  std::vector<double> best(passages.begin(), passages.end());
  std::sort(best.begin(), best.end(), std::greater<>());
  double sum = 0;
  switch (reading) {
    case DocumentReading::sum:
      for (const double score : best) sum += probability(score);
      return sum;
    case DocumentReading::decayed_sum: {
      double weight = 1;
      for (const double score : best) {
        sum += weight * probability(score);
        weight *= kDecay;
      }
      return sum;
    }
    case DocumentReading::top_mean:
      best.resize(std::min(best.size(), kTop));
      return std::accumulate(best.begin(), best.end(), 0.0) / static_cast<double>(best.size());
    case DocumentReading::passage:
    case DocumentReading::first:
    case DocumentReading::best:
      break;
  }
  return best.front();
}

}  // namespace dragoman::reranking
