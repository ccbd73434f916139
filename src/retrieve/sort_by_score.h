#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "dragoman/retrieve/retriever.h"

namespace dragoman {

/// Brings a list into the order of RetrievedList::documents. No score is NaN.
inline void sort_by_score(std::vector<Retrieved>& list) {
  std::ranges::sort(list, [](const Retrieved& a, const Retrieved& b) {
    return a.score != b.score ? a.score > b.score : a.document < b.document;
  });
}

/// The same, and leaves the first `depth` of it.
inline void keep_best(std::vector<Retrieved>& list, std::size_t depth) {
  sort_by_score(list);
  if (list.size() > depth) list.resize(depth);
}

}  // namespace dragoman
