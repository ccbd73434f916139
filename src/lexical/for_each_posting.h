#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "lexical/block.h"

namespace dragoman {

/// Calls use(document, frequency) for each posting of a list.
template <typename Use>
void for_each_posting(const PostingList& list, Use use) {
  std::array<std::uint32_t, kBlockPostings> documents, frequencies;
  for (std::size_t block = 0; block < list.block_count(); ++block) {
    list.documents_of(block, documents.data());
    list.frequencies_of(block, frequencies.data());
    for (std::size_t i = 0; i < list.block_size(block); ++i) use(documents[i], frequencies[i]);
  }
}

/// Calls use(document, frequency, positions) for each posting of a list; positions are valid for the call, and none if
/// the list has none.
template <typename Use>
void for_each_posting_with_positions(const PostingList& list, Use use) {
  std::array<std::uint32_t, kBlockPostings> documents, frequencies;
  std::vector<std::uint32_t> positions;
  for (std::size_t block = 0; block < list.block_count(); ++block) {
    list.documents_of(block, documents.data());
    list.frequencies_of(block, frequencies.data());
    const auto of_block = std::span(frequencies).first(list.block_size(block));
    const auto total = std::accumulate(of_block.begin(), of_block.end(), std::uint64_t{0});
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < of_block.size(); ++i) {
      if (list.has_positions) {
        positions.resize(of_block[i]);
        list.positions_of(block, before, of_block[i], total, positions.data());
      }
      before += of_block[i];
      use(documents[i], of_block[i], std::span<const std::uint32_t>(positions));
    }
  }
}

}  // namespace dragoman
