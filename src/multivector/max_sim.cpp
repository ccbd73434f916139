#include "dragoman/multivector/max_sim.h"

#include <fmt/format.h>

#include <algorithm>

#include "dragoman/base/error.h"
#include "encode/forward/aligned.h"
#include "multivector/kernels.h"

namespace dragoman {
namespace {

void check(MatrixView view, const char* what) {
  if (view.columns == 0 ? !view.values.empty()
                        : view.values.size() / view.columns != view.rows || view.values.size() % view.columns != 0) {
    throw InvalidArgument(fmt::format("max_sim: {} has {} values, which are not {} rows of {}", what,
                                      view.values.size(), view.rows, view.columns));
  }
}

/// A query as kernels multiply it: each token is a lane.
class MaxSimQuery {
 public:
  explicit MaxSimQuery(MatrixView query)
      : query_(query), lanes_(round_up(query.rows, kLaneGroup)), panel_(lanes_ * query.columns), best_(lanes_) {
    for (std::size_t i = 0; i < query.rows; ++i) {
      for (std::size_t d = 0; d < query.columns; ++d) panel_[d * lanes_ + i] = query.row(i)[d];
    }
  }

  float score(MatrixView document) {
    check(document, "document");
    if (query_.columns != document.columns) {
      throw InvalidArgument(
          fmt::format("max_sim: query dimension is {}, document dimension is {}", query_.columns, document.columns));
    }
    // No cosine is below -1, so starting there also scores the empty document.
    std::ranges::fill(best_, -1.0f);
    max_products(panel_.data(), lanes_, document.values.data(), document.columns, document.rows, best_.data());
    float score = 0;
    for (std::size_t i = 0; i < query_.rows; ++i) score += best_[i];
    return score;
  }

 private:
  MatrixView query_;
  std::size_t lanes_;
  AlignedVector<float> panel_, best_;
};

}  // namespace

float max_sim(MatrixView query, MatrixView document) { return max_sims(query, std::span(&document, 1))[0]; }

std::vector<float> max_sims(MatrixView query, std::span<const MatrixView> documents) {
  check(query, "query");
  MaxSimQuery prepared(query);
  std::vector<float> scores;
  scores.reserve(documents.size());
  for (const MatrixView& document : documents) scores.push_back(prepared.score(document));
  return scores;
}

}  // namespace dragoman
