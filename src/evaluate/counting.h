#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "dragoman/evaluate/measures.h"

namespace dragoman {

/// The grades down to the cut-off.
inline std::span<const int> counted(const std::vector<int>& grades, const MeasureSettings& settings) {
  return {grades.data(), settings.cutoff == 0 ? grades.size() : std::min(grades.size(), settings.cutoff)};
}

/// How many are relevant, as a double, for it is about to be divided.
inline double count_relevant(std::span<const int> grades, const MeasureSettings& settings) {
  return static_cast<double>(
      std::count_if(grades.begin(), grades.end(), [&](int grade) { return grade >= settings.rel; }));
}

/// Judged and not relevant: from 0 up. trec_eval takes a negative grade for "in the pool, but not judged".
inline bool is_judged_non_relevant(int grade, const MeasureSettings& settings) {
  return grade >= 0 && grade < settings.rel;
}

}  // namespace dragoman
