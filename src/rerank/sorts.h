#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace dragoman::reranking {

using Candidates = std::vector<std::size_t>;

/// The best of each group, which holds two candidates or more; nothing where the budget was spent before the answer
/// came. The groups of one call do not depend on each other.
using BestOf = std::function<std::vector<std::optional<std::size_t>>(const std::vector<Candidates>& groups)>;

/// Sorts that are written out because judgements may be circular, which no standard sort allows. Both give all `count`
/// candidates; when the budget is spent, those in place keep it and the others follow as they stood.
/// @param top  stop when so many are in place, the others as they stood (first-stage order under a heap); 0: all.

/// A heap in which each node has `children` below it, the best at the root: O(count / children + top log count) groups
/// of at most children + 1. The groups of a level of the heap are asked together while it is built.
std::vector<std::size_t> heap_sort(std::size_t count, std::size_t top, std::size_t children, const BestOf& best_of);

/// Bubble sort with windows of `width` that move up from the end by width - 1 and carry their best along: each pass
/// puts one candidate into its place, in about count / (width - 1) groups.
std::vector<std::size_t> sliding_sort(std::size_t count, std::size_t top, std::size_t width, const BestOf& best_of);

}  // namespace dragoman::reranking
