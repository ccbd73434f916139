#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lexical/spill_file.h"
#include "lexical/term_postings.h"
#include "lexical/term_table.h"

namespace dragoman {

/// A word of a document, in the order of documents.
struct Occurrence {
  std::uint32_t term;  ///< Number in a TermTable.
  std::uint32_t document;
  std::uint32_t frequency;
};

/// Postings in memory, by word. Holds on to `terms`.
class MemorySource {
 public:
  using Take = std::function<void(std::string_view, const PostingSpans&)>;

  /// @param positions of each occurrence in turn, as many as its frequency; or none at all.
  /// O(postings + positions + terms * log terms).
  MemorySource(const TermTable& terms, std::span<const Occurrence> occurrences,
               std::span<const std::uint32_t> positions);

  /// Words in ascending order, each with its documents in ascending order.
  void for_each(const Take& take) const;

  std::size_t term_count() const { return sorted_.size(); }
  std::string_view term(std::size_t rank) const { return terms_.term(sorted_[rank]); }
  PostingSpans postings(std::size_t rank) const;

 private:
  const TermTable& terms_;
  std::vector<std::uint32_t> sorted_;                      // Numbers of words in the order of words.
  std::vector<std::uint64_t> offsets_, position_offsets_;  // [terms + 1], by rank; without positions only the first.
  std::vector<std::uint32_t> documents_, frequencies_, positions_;
};

/// All spilled files and what is in memory as one, word by word. Files hold earlier documents than those behind them,
/// and than the memory.
class MergedPostings {
 public:
  MergedPostings(std::vector<SpillFile>& files, const MemorySource& memory) : files_(files), memory_(memory) {}

  /// Words in ascending order, documents ascending; `take` may change the postings. Can be called again.
  using Take = std::function<void(std::string_view, TermPostings&)>;
  void for_each(const Take& take);

 private:
  std::vector<SpillFile>& files_;
  const MemorySource& memory_;
};

/// Puts documents i to their places place[i], and sorts them with their frequencies and positions.
void reorder(std::span<const std::uint32_t> place, TermPostings& postings);

/// An order of documents 0 to `document_count` - 1 in which those with the same words stand beside one another:
/// Dhulipala et al., "Compressing Graphs and Indexes with Recursive Graph Bisection", KDD 2016, with the settings of
/// Mackenzie et al., "Compressing Inverted Indexes with Recursive Graph Bisection", ECIR 2019. In memory: 4 bytes a
/// posting. The same at any number of threads.
std::vector<std::uint32_t> order_by_bisection(MergedPostings& postings, std::size_t document_count,
                                              std::size_t threads);

}  // namespace dragoman
