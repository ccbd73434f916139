#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "lexical/block.h"

namespace dragoman {

/// Tells which ascending documents are in a posting list. Unpacks blocks that one of them may be in.
class ListMembership {
 public:
  explicit ListMembership(const PostingList& list) : list_(&list) {}

  bool contains(std::uint32_t document) {
    if (list_->size == 0) return false;
    while (block_ + 1 < list_->block_count() && list_->header(block_).last_document < document) ++block_;
    if (document < list_->document_before(block_) + 1) return false;
    if (unpacked_ != block_) {
      list_->documents_of(block_, documents_.data());
      unpacked_ = block_;
      size_ = list_->block_size(block_);
    }
    return std::binary_search(documents_.begin(), documents_.begin() + static_cast<std::ptrdiff_t>(size_), document);
  }

 private:
  const PostingList* list_;
  std::size_t block_ = 0, unpacked_ = ~std::size_t{0}, size_ = 0;
  std::array<std::uint32_t, kBlockPostings> documents_;
};

/// Counts the documents of one segment that are in any of some lists, each once: calls of_language(list, language,
/// documents) for what a long list says of its languages, and of_document(document) for all that are counted one by
/// one. Only the longest list's documents are not looked at, unless `one_by_one`. O(postings of the others + blocks of
/// it where they lie), or O(postings).
template <typename OfLanguage, typename OfDocument>
void count_any(std::span<const PostingList> lists, bool one_by_one, OfLanguage of_language, OfDocument of_document) {
  std::vector<std::size_t> order(lists.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return lists[a].size > lists[b].size; });
  std::array<std::uint32_t, kBlockPostings> documents;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const PostingList& list = lists[order[i]];
    if (i == 0 && !list.headers.empty() && !one_by_one) {
      for (const LanguageCount& language : list.languages) of_language(order[i], language.language, language.documents);
      continue;
    }
    std::vector<ListMembership> before;
    for (std::size_t j = 0; j < i; ++j) before.emplace_back(lists[order[j]]);
    for (std::size_t block = 0; block < list.block_count(); ++block) {
      list.documents_of(block, documents.data());
      for (std::size_t k = 0; k < list.block_size(block); ++k) {
        const auto has = [&](ListMembership& other) { return other.contains(documents[k]); };
        if (std::ranges::none_of(before, has)) of_document(documents[k]);
      }
    }
  }
}

}  // namespace dragoman
