#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "dragoman/lexical/document_set.h"
#include "lexical/block.h"

namespace dragoman {

struct SegmentContent;

/// Counts postings of documents that were deleted and are still in a segment, so that a word's document frequencies are
/// those of the documents that are left. Of long lists, only blocks that have such documents are unpacked, and the
/// counts are kept: there are no more of them than the segment has blocks. Thread-safe.
class DeletedPostings {
 public:
  /// @param deleted places in the segment's own order, ascending.
  DeletedPostings(const SegmentContent& segment, std::vector<std::uint32_t> deleted);

  bool contains(std::uint32_t document) const { return set_.contains(document); }

  /// Deleted documents of a long list of the segment (one with headers), by language. Valid as long as this.
  std::span<const LanguageCount> count(const PostingList& list) const;

 private:
  std::vector<LanguageCount> count_anew(const PostingList& list) const;

  const SegmentContent& segment_;
  std::vector<std::uint32_t> deleted_;
  DocumentSet set_;  // The same ones.
  mutable std::mutex mutex_;
  mutable std::map<const BlockHeader*, std::vector<LanguageCount>> counts_;  // By a list's first header.
};

}  // namespace dragoman
