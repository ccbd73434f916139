#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/collection/document.h"

namespace dragoman {

/// A set of document numbers, a bit each: those that a filter lets through, or that were not deleted. Searches read it
/// while they search, so that no hit is lost to a document that is not wanted.
class DocumentSet {
 public:
  /// Empty, with room for numbers below `size`; all others are never in it.
  explicit DocumentSet(std::size_t size = 0) : size_(size), words_((size + 63) / 64, 0) {}

  /// Number i where bytes[i] is not 0. O(bytes).
  static DocumentSet of_bytes(std::span<const std::uint8_t> bytes) {
    DocumentSet set(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) set.words_[i / 64] |= std::uint64_t{bytes[i] != 0} << i % 64;
    return set;
  }

  /// `document` must be below size().
  void insert(DocumentNumber document) { words_[document / 64] |= std::uint64_t{1} << document % 64; }
  void erase(DocumentNumber document) { words_[document / 64] &= ~(std::uint64_t{1} << document % 64); }

  bool contains(DocumentNumber document) const {
    return document < size_ && (words_[document / 64] >> document % 64 & 1) != 0;
  }

  /// Is there any number in [begin, end)? May say so for one beside it, at most 63 away.
  bool may_have_any(std::uint64_t begin, std::uint64_t end) const {
    for (std::uint64_t word = begin / 64; word < (end + 63) / 64 && word < words_.size(); ++word) {
      if (words_[word] != 0) return true;
    }
    return false;
  }

  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::vector<std::uint64_t> words_;
};

}  // namespace dragoman
