#include "dragoman/retrieve/ranking.h"

#include <algorithm>
#include <cmath>

namespace dragoman {

void sort_ranking(Ranking& ranking) {
  std::sort(ranking.begin(), ranking.end(), [](const Hit& a, const Hit& b) {
    // A NaN compares with nothing, which would break the order of all others: it goes last.
    const bool a_is_nan = std::isnan(a.score), b_is_nan = std::isnan(b.score);
    if (a_is_nan != b_is_nan) return b_is_nan;
    if (!a_is_nan && a.score != b.score) return a.score > b.score;
    return a.id < b.id;
  });
}

}  // namespace dragoman
