#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "dragoman/retrieve/retriever.h"

namespace dragoman {

/// Puts what a retriever says to some of the queries into their lists.
/// @param numbers of these queries.
/// @param lists   one for each of all queries.
inline void search_some(const Retriever& retriever, std::span<const Query> queries,
                        std::span<const std::size_t> numbers, std::size_t depth, std::span<const std::uint8_t> allowed,
                        std::vector<RetrievedList>& lists) {
  std::vector<Query> some;
  for (const std::size_t q : numbers) some.push_back(queries[q]);
  std::vector<RetrievedList> found = retriever.search(some, depth, allowed);
  for (std::size_t i = 0; i < numbers.size(); ++i) lists[numbers[i]] = std::move(found[i]);
}

}  // namespace dragoman
