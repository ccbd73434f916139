#include "lexical/deleted_postings.h"

#include <algorithm>
#include <array>

#include "lexical/segment_content.h"

namespace dragoman {

DeletedPostings::DeletedPostings(const SegmentContent& segment, std::vector<std::uint32_t> deleted)
    : segment_(segment), deleted_(std::move(deleted)), set_(segment.document_count) {
  for (const std::uint32_t document : deleted_) set_.insert(document);
}

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
  std::vector<std::uint32_t> by_language(segment_.languages.size());
  std::array<std::uint32_t, kBlockPostings> documents;
  auto header = list.headers.begin();
  for (auto deleted = deleted_.begin(); deleted != deleted_.end();) {
    // The block that may have it, of which the next deleted document is looked for behind.
    header = std::lower_bound(
        header, list.headers.end(), *deleted,
        [](const BlockHeader& block, std::uint32_t document) { return block.last_document < document; });
    if (header == list.headers.end()) break;
    const auto block = static_cast<std::size_t>(header - list.headers.begin());
    list.documents_of(block, documents.data());
    for (std::size_t i = 0; i < list.block_size(block); ++i) {
      if (contains(documents[i])) ++by_language[segment_.document_languages[documents[i]]];
    }
    deleted = std::upper_bound(deleted, deleted_.end(), header->last_document);
  }
  std::vector<LanguageCount> counts;
  for (std::uint32_t language = 0; language < by_language.size(); ++language) {
    if (by_language[language] > 0) counts.push_back({language, by_language[language]});
  }
  return counts;
}

}  // namespace dragoman
