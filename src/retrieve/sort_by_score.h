#pragma once

#include <algorithm>
#include <vector>

#include "dragoman/retrieve/retriever.h"

namespace dragoman {

/// Brings a list into the order of RetrievedList::documents. No score is NaN.
inline void sort_by_score(std::vector<Retrieved>& list) {
  std::ranges::sort(list, [](const Retrieved& a, const Retrieved& b) {
    return a.score != b.score ? a.score > b.score : a.document < b.document;
  });
}

}  // namespace dragoman
