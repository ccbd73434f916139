#include "lexical/posting_source.h"

#include <algorithm>
#include <numeric>

namespace dragoman {
namespace {

std::uint64_t first_bytes(std::string_view term) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | (i < term.size() ? static_cast<std::uint8_t>(term[i]) : 0);
  return value;
}

}  // namespace

MemorySource::MemorySource(const TermTable& terms, std::span<const Occurrence> occurrences,
                           std::span<const std::uint32_t> positions)
    : terms_(terms) {
  // Most comparisons end at the first bytes, which are beside the number and not somewhere in the table.
  std::vector<std::pair<std::uint64_t, std::uint32_t>> keys;
  keys.reserve(terms.size());
  for (std::uint32_t i = 0; i < terms.size(); ++i) keys.emplace_back(first_bytes(terms.term(i)), i);
  std::sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : terms.term(a.second) < terms.term(b.second);
  });
  std::vector<std::uint32_t> rank(terms.size());
  sorted_.reserve(terms.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    sorted_.push_back(keys[i].second);
    rank[keys[i].second] = i;
  }

  // Counting sort by word. It is stable, so each list keeps the ascending order of documents.
  offsets_.assign(terms.size() + 1, 0);
  for (const Occurrence& occurrence : occurrences) ++offsets_[rank[occurrence.term] + 1];
  std::partial_sum(offsets_.begin(), offsets_.end(), offsets_.begin());
  std::vector<std::uint64_t> next(offsets_.begin(), offsets_.end() - 1);
  documents_.resize(occurrences.size());
  frequencies_.resize(occurrences.size());
  for (const Occurrence& occurrence : occurrences) {
    const std::uint64_t at = next[rank[occurrence.term]]++;
    documents_[at] = occurrence.document;
    frequencies_[at] = occurrence.frequency;
  }
  if (positions.empty()) return;
  position_offsets_.assign(terms.size() + 1, 0);
  for (const Occurrence& occurrence : occurrences) {
    position_offsets_[rank[occurrence.term] + 1] += occurrence.frequency;
  }
  std::partial_sum(position_offsets_.begin(), position_offsets_.end(), position_offsets_.begin());
  next.assign(position_offsets_.begin(), position_offsets_.end() - 1);
  positions_.resize(positions.size());
  for (const Occurrence& occurrence : occurrences) {
    std::uint64_t& at = next[rank[occurrence.term]];
    std::copy_n(positions.begin(), occurrence.frequency, positions_.begin() + static_cast<std::ptrdiff_t>(at));
    positions = positions.subspan(occurrence.frequency);
    at += occurrence.frequency;
  }
}

PostingSpans MemorySource::postings(std::size_t rank) const {
  const auto begin = offsets_[rank], size = offsets_[rank + 1] - begin;
  PostingSpans spans{std::span(documents_).subspan(begin, size), std::span(frequencies_).subspan(begin, size), {}};
  if (!position_offsets_.empty()) {
    const auto first = position_offsets_[rank];
    spans.positions = std::span(positions_).subspan(first, position_offsets_[rank + 1] - first);
  }
  return spans;
}

void MemorySource::for_each(const Take& take) const {
  for (std::size_t i = 0; i < term_count(); ++i) take(term(i), postings(i));
}

void MergedPostings::for_each(const Take& take) {
  // A handful of files at most: the least of their words is found by looking at each.
  std::vector<std::string> terms(files_.size());
  std::vector<bool> there(files_.size());
  for (std::size_t i = 0; i < files_.size(); ++i) {
    files_[i].rewind();
    there[i] = files_[i].next(terms[i]);
  }
  std::size_t rank = 0;
  std::string term;
  TermPostings postings;
  while (true) {
    bool found = rank < memory_.term_count();
    std::string_view least = found ? memory_.term(rank) : std::string_view();
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (there[i] && (!found || terms[i] < least)) {
        found = true;
        least = terms[i];
      }
    }
    if (!found) return;
    term = least;
    postings.clear();
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (!there[i] || terms[i] != term) continue;
      files_[i].postings(postings);
      there[i] = files_[i].next(terms[i]);
    }
    if (rank < memory_.term_count() && memory_.term(rank) == term) {
      postings.append(memory_.postings(rank));
      ++rank;
    }
    take(term, postings);
  }
}

void reorder(std::span<const std::uint32_t> place, TermPostings& postings) {
  const std::size_t size = postings.documents.size();
  std::vector<std::uint64_t> sorted(size);  // A document's new place, and its old rank in the list.
  for (std::size_t i = 0; i < size; ++i) sorted[i] = std::uint64_t{place[postings.documents[i]]} << 32 | i;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::uint64_t> begins(postings.positions.empty() ? 0 : size);  // Of each document's positions.
  if (!begins.empty()) {
    std::exclusive_scan(postings.frequencies.begin(), postings.frequencies.end(), begins.begin(), std::uint64_t{0});
  }
  TermPostings moved;
  moved.documents.reserve(size);
  moved.frequencies.reserve(size);
  moved.positions.reserve(postings.positions.size());
  for (const std::uint64_t key : sorted) {
    const auto rank = static_cast<std::uint32_t>(key);
    const std::uint32_t frequency = postings.frequencies[rank];
    moved.documents.push_back(static_cast<std::uint32_t>(key >> 32));
    moved.frequencies.push_back(frequency);
    if (begins.empty()) continue;
    const auto first = postings.positions.begin() + static_cast<std::ptrdiff_t>(begins[rank]);
    moved.positions.insert(moved.positions.end(), first, first + frequency);
  }
  postings = std::move(moved);
}

}  // namespace dragoman
