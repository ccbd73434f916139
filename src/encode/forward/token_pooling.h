#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace dragoman {

/// Joins the token vectors of a passage that are most alike, until ceil(tokens / factor) are left; each is the mean of
/// those that it stands for. Clusters are those of Ward, "Hierarchical Grouping to Optimize an Objective Function",
/// JASA 1963, over squared Euclidean distances; in the order of their first tokens. Use for retrieval: Clavié, Chaffin
/// and Adams, "Reducing the Footprint of Multi-Vector Retrieval with Minimal Performance Impact via Token Pooling",
/// 2024.
///
/// @param vectors [tokens, dimension], rows of unit L2 norm.
/// @param factor at least 1, which returns the vectors as they are.
/// @return [clusters, dimension]; rows are not of unit norm.
/// O(tokens^2 * (dimension + tokens)) at worst, about tokens^2 * dimension as a rule; tokens^2 floats of memory.
std::vector<float> pool_tokens(std::span<const float> vectors, std::size_t dimension, std::size_t factor);

}  // namespace dragoman
