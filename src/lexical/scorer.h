#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lexical/block.h"

namespace dragoman {

/// What a posting of one query word adds to its document's score, in whole units of a step that the query fixes. Sums
/// of whole numbers are the same in any order, so that an algorithm may add words up as it likes.
///
/// Top-k search knows posting lists and this alone: BM25, impacts of learned sparse vectors and others are scorers.
class Scorer {
 public:
  virtual ~Scorer() = default;

  /// out[i] for `count` postings, at least 1 each. `documents` ascend. Arrays have room for kKernelPadding more.
  virtual void score(const std::uint32_t* documents, const std::uint32_t* frequencies, std::size_t count,
                     std::int32_t* out) const = 0;
  /// The same for one.
  virtual std::int32_t score(std::uint32_t document, std::uint32_t frequency) const = 0;

  /// out[i] is at least score() of every posting in block i.
  virtual void bound(std::span<const BlockHeader> headers, std::int32_t* out) const = 0;
};

/// A query word's postings in one segment, and what they are worth.
struct ScoredList {
  PostingList list;
  const Scorer* scorer = nullptr;
};

/// The highest of a word's values, at the places that the bits of a header's languages stand for. A list without
/// languages says nothing of them: any bit may be the best.
template <typename T, typename ValueOf>
void most_by_place(std::span<const LanguageCount> languages, T most, std::array<T, 8>& places, ValueOf value_of) {
  if (languages.empty()) places.fill(most);
  for (std::size_t place = 0; place < languages.size(); ++place) {
    T& highest = places[std::min<std::size_t>(place, 7)];
    highest = std::max(highest, value_of(languages[place].language));
  }
}

/// A bound that was computed as score() is, but for another frequency: float rounding may put it below by a few parts
/// in 2^24, which this makes good.
inline std::int32_t raise_bound(std::int32_t bound) { return bound + (bound >> 20) + 2; }

}  // namespace dragoman
