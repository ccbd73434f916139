#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "lexical/score_kernels.h"
#include "lexical/scorer.h"

namespace dragoman {

/// Documents scored at a time, at most. Their scores fit into the second-level cache, those of a tenth of it into the
/// first.
inline constexpr std::uint32_t kMaxWindow = 65'536;
/// Small windows first: nothing is known of the worst score yet, so that all words are looked at in them.
inline constexpr std::uint64_t kFirstWindow = 4096;

/// Candidates of a window: documents ascending, with their scores so far.
struct Candidates {
  std::size_t size = 0;
  std::uint32_t documents[kMaxWindow + kKernelPadding];
  std::int32_t scores[kMaxWindow + kKernelPadding];

  /// Drops those below `cut`.
  void keep(std::int32_t cut) { size = keep_at_least(documents, scores, size, cut, documents, scores); }
};

/// The thread's own, for the search at hand.
Candidates& thread_candidates();

/// Scores of a window's documents while words are added up.
struct WindowScores {
  alignas(64) std::int32_t scores[kMaxWindow] = {};           // A vector never lies across two lines of the cache.
  std::uint8_t touched[kMaxWindow / kTouchedDocuments] = {};  ///< 1 where any of 16 documents has a score.
};

/// Goes through one posting list, window by window in ascending order. Unpacks a block when it is needed, and scores
/// whole blocks only where most of them is wanted.
class ListCursor {
 public:
  explicit ListCursor(const ScoredList& scored);

  std::uint32_t size() const { return list_.size; }
  /// Of every posting.
  std::int32_t bound() const { return bound_; }

  /// Moves to the documents [base, end). @return a bound of their scores; 0 if it has none of them.
  std::int32_t enter(std::uint32_t base, std::uint64_t end);
  /// What enter() returned.
  std::int32_t window_bound() const { return window_bound_; }

  /// Adds the window's postings to `scores`. Blocks that cannot reach `cut` may be left out.
  void add_to(WindowScores& scores, std::int32_t cut);

  /// The window's postings of at least `cut`, as the candidates.
  void put_into(Candidates& candidates, std::int32_t cut);

  /// Adds this word to candidates that have it. `required`: drops those that have not.
  void probe(Candidates& candidates, bool required);

  /// The first document from `document` on; 2^64 - 1 if there is none.
  std::uint64_t next_from(std::uint32_t document);

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  std::uint32_t last_of(std::size_t block) const {
    return one_block_ ? only_last_ : list_.headers[block].last_document;
  }
  bool begins_before(std::size_t block, std::uint64_t end) const { return list_.document_before(block) + 1 < end; }
  void unpack(std::size_t block);
  void score_all();
  /// Moves at_ to the unpacked block's first document in the window or behind it.
  void advance();

  PostingList list_;
  const Scorer* scorer_;
  std::vector<std::int32_t> bounds_;  // By block.
  std::int32_t bound_ = 0, window_bound_ = 0;
  bool one_block_;
  std::uint32_t only_last_ = 0;
  std::uint32_t base_ = 0;
  std::uint64_t end_ = 0;
  std::size_t lead_ = 0;       // First block that ends in the window or behind it.
  std::size_t block_ = kNone;  // The unpacked one.
  std::size_t count_ = 0;      // Of its postings.
  std::size_t at_ = 0;         // In it; no document before is in the window.
  bool has_frequencies_ = false, is_scored_ = false;
  std::uint32_t documents_[kBlockPostings + kKernelPadding];
  std::uint32_t frequencies_[kBlockPostings + kKernelPadding];
  std::int32_t scores_[kBlockPostings + kKernelPadding];
};

}  // namespace dragoman
