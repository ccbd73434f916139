#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "lexical/list_cursor.h"
#include "lexical/scored_union.h"

namespace dragoman {

/// Where a union is in one of its lists.
class UnionPartCursor {
 public:
  /// What a document's sum and weight are at most.
  struct Bound {
    float sum = 0, weight = 0;
  };

  UnionPartCursor(const UnionPart& part, const ScoredUnion& of);

  void enter(std::uint32_t base, std::uint64_t end);
  /// Of the postings between; 0 if there are none.
  const Bound& window() const { return window_; }

  /// Goes through the window's blocks: for (b = first_block(); has(b); ++b).
  std::size_t first_block() const { return lead_; }
  bool has(std::size_t block) const { return block < bounds_.size() && part_->list.document_before(block) + 1 < end_; }
  const Bound& bound(std::size_t block) const { return bounds_[block]; }
  std::uint32_t document_before(std::size_t block) const { return part_->list.document_before(block); }
  std::uint32_t last_of(std::size_t block) const {
    return one_block_ ? only_last_ : part_->list.headers[block].last_document;
  }

  /// A block's postings, with what each adds to its document's sum. Until the next one is read.
  void read(std::size_t block);
  const std::uint32_t* documents() const { return documents_; }
  const float* sums() const { return sums_; }
  /// Those of them that are in the window: [begin, end).
  std::size_t begin() const;
  std::size_t end() const;

  /// Adds to sums[i] what documents[i] has here. They ascend, also from call to call; at most kMaxProbes.
  static constexpr std::size_t kMaxProbes = 64;
  void begin_probes() { probed_ = lead_; }
  void probe(const std::uint32_t* documents, std::size_t count, float* sums);

  /// The first document from `document` on, or one before it; 2^64 - 1 if there is none.
  std::uint64_t next_from(std::uint32_t document) const;

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  void unpack(std::size_t block);
  void weigh();

  const UnionPart* part_;
  std::vector<Bound> bounds_;  // By block.
  Bound window_;
  bool one_block_;
  std::uint32_t only_last_ = 0;
  std::uint32_t base_ = 0;
  std::uint64_t end_ = 0;
  std::size_t lead_ = 0;  // First block that ends in the window or behind it.
  std::size_t probed_ = 0;
  std::size_t block_ = kNone;  // The unpacked one.
  std::size_t count_ = 0;      // Of its postings.
  bool is_weighed_ = false;
  std::uint32_t documents_[kBlockPostings + kKernelPadding];
  std::uint32_t frequencies_[kBlockPostings + kKernelPadding];
  float sums_[kBlockPostings + kKernelPadding];
};

/// A weighted union of posting lists in the place of a ListCursor: the same functions, with the same meaning. What is
/// added up is one list's postings, block by block, with those of all others put in between.
class UnionCursor {
 public:
  explicit UnionCursor(const ScoredUnion& scored);

  std::uint32_t size() const { return size_; }
  std::int32_t enter(std::uint32_t base, std::uint64_t end);
  std::int32_t window_bound() const { return window_bound_; }
  void add_to(WindowScores& scores, std::int32_t cut);
  void put_into(Candidates& candidates, std::int32_t cut);
  void probe(Candidates& candidates, bool required);
  std::uint64_t next_from(std::uint32_t document);

 private:
  struct Sum {
    std::uint32_t document;
    std::uint32_t part;  // Which list; while they are gathered.
    float sum;
  };

  /// The sums of all lists but the last, into others_. Blocks that cannot reach `cut` may be left out.
  void gather_others(std::int32_t cut);
  /// Calls emit(documents, scores, count) for blocks of the last list, with what the others add; documents that only
  /// the others have are in alone_ then. Whatever cannot reach `cut` may be left out.
  template <typename Emit>
  void gather(std::int32_t cut, Emit emit);
  /// Adds others_[begin, end) to sums of the last list's block; those that it lacks go to alone_.
  void add_others(std::size_t begin, std::size_t end, float* sums);
  /// Scores of some sums into scores_.
  void score(const std::uint32_t* documents, const float* sums, std::size_t count);

  const ScoredUnion* union_;
  std::vector<UnionPartCursor> parts_;
  std::uint32_t size_, base_ = 0;
  std::int32_t window_bound_ = 0;
  std::vector<Sum> others_, alone_;  // Documents ascend.
  float weights_[kBlockPostings + kKernelPadding] = {};
  std::int32_t scores_[kBlockPostings + kKernelPadding];
};

}  // namespace dragoman
