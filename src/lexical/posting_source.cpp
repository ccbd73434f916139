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

MemorySource::MemorySource(const TermTable& terms, std::span<const Occurrence> occurrences) : terms_(terms) {
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
}

std::span<const std::uint32_t> MemorySource::documents(std::size_t rank) const {
  return std::span(documents_).subspan(offsets_[rank], offsets_[rank + 1] - offsets_[rank]);
}

std::span<const std::uint32_t> MemorySource::frequencies(std::size_t rank) const {
  return std::span(frequencies_).subspan(offsets_[rank], offsets_[rank + 1] - offsets_[rank]);
}

void MemorySource::for_each(const Take& take) const {
  for (std::size_t i = 0; i < term_count(); ++i) take(term(i), documents(i), frequencies(i));
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
  std::vector<std::uint32_t> documents, frequencies;
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
    documents.clear();
    frequencies.clear();
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (!there[i] || terms[i] != term) continue;
      files_[i].postings(documents, frequencies);
      there[i] = files_[i].next(terms[i]);
    }
    if (rank < memory_.term_count() && memory_.term(rank) == term) {
      const auto more = memory_.documents(rank), how_often = memory_.frequencies(rank);
      documents.insert(documents.end(), more.begin(), more.end());
      frequencies.insert(frequencies.end(), how_often.begin(), how_often.end());
      ++rank;
    }
    take(term, documents, frequencies);
  }
}

void reorder(std::span<const std::uint32_t> place, std::vector<std::uint32_t>& documents,
             std::vector<std::uint32_t>& frequencies) {
  std::vector<std::uint64_t> both(documents.size());
  for (std::size_t i = 0; i < both.size(); ++i) both[i] = std::uint64_t{place[documents[i]]} << 32 | frequencies[i];
  std::sort(both.begin(), both.end());
  for (std::size_t i = 0; i < both.size(); ++i) {
    documents[i] = static_cast<std::uint32_t>(both[i] >> 32);
    frequencies[i] = static_cast<std::uint32_t>(both[i]);
  }
}

}  // namespace dragoman
