#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "lexical/block.h"
#include "lexical/score_kernels.h"
#include "lexical/scorer.h"

namespace dragoman {

/// How often places of words stand as a phrase (see Phrase). `starts[i]`: positions where all words of place i stand,
/// less i, ascending and without repetitions.
std::uint32_t count_phrase(std::span<const std::vector<std::int64_t>> starts, std::uint32_t slop);

/// A word of a phrase in one segment.
struct PlacedList {
  PostingList list;
  std::uint32_t place = 0;
};

/// What a phrase is in one segment.
struct PartPhrase {
  std::vector<std::vector<PlacedList>> forms;  ///< Those whose words the segment has, places ascending.
  std::uint32_t slop = 0;
  const Scorer* scorer = nullptr;  ///< Of its frequency; null if it adds nothing.
};

/// Looks documents up in one list, in any order, fastest in ascending one.
class PositionCursor {
 public:
  explicit PositionCursor(const PostingList& list) : list_(list) {}

  std::uint32_t size() const { return list_.size; }
  const PostingList& list() const { return list_; }

  /// Moves to the first document from `document` on. @return it, or 2^64 - 1 if there is none.
  std::uint64_t seek(std::uint32_t document);

  /// Keeps those of `size` ascending documents that the list has. @return how many.
  std::size_t keep(std::uint32_t* documents, std::size_t size);

  /// Of the document it was moved to. `out` is overwritten.
  void positions(std::vector<std::uint32_t>& out);
  std::uint32_t frequency();

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  /// The first block that ends at the document or behind it; as many as there are if none does.
  std::size_t block_of(std::uint32_t document) const;
  std::uint32_t last_of(std::size_t block) const { return list_.headers[block].last_document; }
  void unpack(std::size_t block);
  void unpack_frequencies();

  PostingList list_;
  std::size_t block_ = kNone, count_ = 0, at_ = 0;
  bool has_frequencies_ = false;
  std::uint32_t documents_[kBlockPostings + kKernelPadding];
  std::uint32_t frequencies_[kBlockPostings + kKernelPadding];
  std::uint64_t before_[kBlockPostings + 1];  // Positions of the block before posting i's.
};

/// One form of a phrase in one segment.
class FormMatcher {
 public:
  explicit FormMatcher(std::span<const PlacedList> terms);

  /// The list of the rarest word.
  const PostingList& lead() const { return cursors_[order_[0]].list(); }
  /// Of ascending documents that are in the lead, keeps those that have all the other words. @return how many.
  std::size_t keep(std::uint32_t* documents, std::size_t size);
  bool has(std::uint32_t document);

  /// How often the form stands in a document; 0 if it lacks a word.
  std::uint32_t frequency(std::uint32_t document, std::uint32_t slop);

 private:
  std::vector<PositionCursor> cursors_;  // In the order of places.
  std::vector<std::uint32_t> places_;
  std::vector<std::size_t> order_;  // Of cursors, rarest first.
  std::vector<std::vector<std::int64_t>> starts_;
  std::vector<std::uint32_t> positions_;
};

/// Makes starts of place `place` from the positions of one of its words: the first word's as they are, of others only
/// those that are there already.
void intersect_starts(std::span<const std::uint32_t> positions, std::uint32_t place, bool first,
                      std::vector<std::int64_t>& starts);

}  // namespace dragoman
