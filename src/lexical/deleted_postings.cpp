#include "lexical/deleted_postings.h"

#include <algorithm>
#include <array>

#include "lexical/segment_content.h"

namespace dragoman {

bool DeletedPostings::contains(std::uint32_t document) const { return std::ranges::binary_search(deleted_, document); }

std::span<const LanguageCount> DeletedPostings::count(const PostingList& list) const {
  {
    const std::lock_guard lock(mutex_);
    const auto known = counts_.find(list.headers.data());
    if (known != counts_.end()) return known->second;
  }
  std::vector<LanguageCount> counts = count_anew(list);
  const std::lock_guard lock(mutex_);
  return counts_.try_emplace(list.headers.data(), std::move(counts)).first->second;
}

std::vector<LanguageCount> DeletedPostings::count_anew(const PostingList& list) const {
  std::map<std::uint32_t, std::uint32_t> by_language;
  std::array<std::uint32_t, kBlockPostings> documents;
  auto header = list.headers.begin();
  for (auto deleted = deleted_.begin(); deleted != deleted_.end();) {
    header = std::lower_bound(
        header, list.headers.end(), *deleted,
        [](const BlockHeader& block, std::uint32_t document) { return block.last_document < document; });
    if (header == list.headers.end()) break;
    const auto block = static_cast<std::size_t>(header - list.headers.begin());
    const auto end = std::upper_bound(deleted, deleted_.end(), header->last_document);
    if (block == 0 || *(end - 1) > list.document_before(block)) {
      list.documents_of(block, documents.data());
      const auto last = documents.begin() + static_cast<std::ptrdiff_t>(list.block_size(block));
      auto document = documents.begin();
      for (; deleted != end; ++deleted) {
        document = std::lower_bound(document, last, *deleted);
        if (document == last) break;
        if (*document == *deleted) ++by_language[segment_.document_languages[*document]];
      }
    }
    deleted = end;
  }
  std::vector<LanguageCount> counts;
  for (const auto& [language, count] : by_language) counts.push_back({language, count});
  return counts;
}

}  // namespace dragoman
