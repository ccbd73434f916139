#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

/// A word's postings on their way into a segment.
struct PostingSpans {
  std::span<const std::uint32_t> documents;    ///< Ascending.
  std::span<const std::uint32_t> frequencies;  ///< As many.
  std::span<const std::uint32_t> positions;    ///< Of each document in turn, as many as its frequency; or none at all.
};

/// The same, and its own.
struct TermPostings {
  std::vector<std::uint32_t> documents, frequencies, positions;

  void clear() {
    documents.clear();
    frequencies.clear();
    positions.clear();
  }
  void append(const PostingSpans& more) {
    documents.insert(documents.end(), more.documents.begin(), more.documents.end());
    frequencies.insert(frequencies.end(), more.frequencies.begin(), more.frequencies.end());
    positions.insert(positions.end(), more.positions.begin(), more.positions.end());
  }
  PostingSpans spans() const { return {documents, frequencies, positions}; }
};

}  // namespace dragoman
