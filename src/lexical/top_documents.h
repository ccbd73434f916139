#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "dragoman/collection/document.h"

namespace dragoman {

/// The best `depth` documents by integer score, equal ones in ascending order of their numbers. Scores are rounded to
/// 24 bits, as the float that they become: what is equal there is equal here.
class TopDocuments {
 public:
  /// @param ascending documents are offered in ascending order of numbers: an equal score then never displaces another.
  TopDocuments(std::size_t depth, bool ascending)
      : depth_(std::min(depth, std::size_t{1} << 32)), ascending_(ascending) {  // There are no more numbers.
    // A heap keeps the bound as high as can be, which pays for few documents; for many, a buffer is cheaper, of which
    // half is thrown away when it is full.
    is_heap_ = depth <= kMaxHeap;
    keys_.reserve(is_heap_ ? depth_ : std::min<std::size_t>(2 * depth_, 1 << 16));
    if (depth == 0) least_ = std::numeric_limits<std::int32_t>::max();
  }

  /// The lowest score that can still get in.
  std::int32_t least() const { return least_; }

  /// `score` is at least 1.
  void offer(DocumentNumber document, std::int32_t score) {
    if (score < least_) return;
    const std::uint64_t key = std::uint64_t{static_cast<std::uint32_t>(rounded(score))} << 32 | ~document;
    if (is_heap_) {
      if (keys_.size() == depth_) {
        if (key <= keys_.front()) return;
        std::pop_heap(keys_.begin(), keys_.end(), std::greater<>());
        keys_.back() = key;
      } else {
        keys_.push_back(key);
      }
      std::push_heap(keys_.begin(), keys_.end(), std::greater<>());
      if (keys_.size() == depth_) raise(keys_.front());
    } else {
      keys_.push_back(key);
      if (keys_.size() >= 2 * depth_) cut();
    }
  }

  /// Best first; scores times `unit`.
  std::vector<ScoredDocument> take(float unit) && {
    if (keys_.size() > depth_) cut();
    std::sort(keys_.begin(), keys_.end(), std::greater<>());
    keys_.resize(std::min(keys_.size(), depth_));
    std::vector<ScoredDocument> documents;
    documents.reserve(keys_.size());
    for (const std::uint64_t key : keys_) {
      documents.push_back(
          {~static_cast<std::uint32_t>(key), static_cast<float>(static_cast<std::int32_t>(key >> 32)) * unit});
    }
    return documents;
  }

 private:
  static constexpr std::size_t kMaxHeap = 128;
  static constexpr int kStepBits = 10;

  static std::int32_t rounded(std::int32_t score) {
    return static_cast<std::int32_t>(std::min(static_cast<float>(score), 2147483520.0f));
  }

  /// Drops what is behind the best `depth`, but for a few: counts scores in a thousand steps, and cuts between two of
  /// them. Sorting would be exact, and wait for a wrong guess of the processor's at every second key.
  void cut() {
    const auto [low, high] = std::minmax_element(keys_.begin(), keys_.end());
    const auto lowest = static_cast<std::uint32_t>(*low >> 32), highest = static_cast<std::uint32_t>(*high >> 32);
    const int shift = std::max(static_cast<int>(std::bit_width(highest - lowest)) - kStepBits, 0);
    counts_.assign(std::size_t{1} << kStepBits, 0);
    for (const std::uint64_t key : keys_) ++counts_[(static_cast<std::uint32_t>(key >> 32) - lowest) >> shift];
    std::size_t step = counts_.size(), better = 0;
    while (better < depth_) better += counts_[--step];
    const std::uint32_t floor = lowest + (static_cast<std::uint32_t>(step) << shift);
    std::size_t kept = 0;
    for (const std::uint64_t key : keys_) {
      keys_[kept] = key;
      kept += key >> 32 >= floor;
    }
    keys_.resize(kept);
    // Many equal scores are cut by number.
    if (kept > depth_ + depth_ / 2) {
      std::nth_element(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(depth_ - 1), keys_.end(),
                       std::greater<>());
      keys_.resize(depth_);
    }
    least_ = std::max(least_, lowest_that_rounds_to(static_cast<std::int32_t>(floor)));
  }

  void raise(std::uint64_t worst_key) {
    const auto worst = static_cast<std::int32_t>(worst_key >> 32);
    least_ = ascending_ ? worst + 1 : lowest_that_rounds_to(worst);
  }

  /// Or one below: half a step of 24 bits and more.
  static std::int32_t lowest_that_rounds_to(std::int32_t score) {
    const int beyond = static_cast<int>(std::bit_width(static_cast<std::uint32_t>(score))) - 24;
    return beyond > 0 ? score - (1 << beyond) : score;
  }

  std::size_t depth_;
  bool ascending_, is_heap_;
  std::int32_t least_ = 1;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace dragoman
