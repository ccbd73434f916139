#include "lexical/phrase_matcher.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace dragoman {

std::uint32_t count_phrase(std::span<const std::vector<std::int64_t>> starts, std::uint32_t slop) {
  std::vector<std::size_t> next(starts.size(), 0);
  std::uint32_t count = 0;
  for (const std::int64_t first : starts[0]) {
    std::int64_t last = first;
    for (std::size_t i = 1; i < starts.size(); ++i) {
      while (next[i] < starts[i].size() && starts[i][next[i]] < last) ++next[i];
      if (next[i] == starts[i].size()) return count;  // No later beginning has one either.
      last = starts[i][next[i]];
    }
    if (last - first > slop) continue;
    ++count;
    for (std::size_t i = 1; i < starts.size(); ++i) ++next[i];
  }
  return count;
}

void intersect_starts(std::span<const std::uint32_t> positions, std::uint32_t place, bool first,
                      std::vector<std::int64_t>& starts) {
  std::size_t kept = 0, at = 0;
  const std::size_t had = starts.size();
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (i > 0 && positions[i] == positions[i - 1]) continue;
    const std::int64_t start = std::int64_t{positions[i]} - place;
    if (first) {
      starts.push_back(start);
      continue;
    }
    while (at < had && starts[at] < start) ++at;
    if (at < had && starts[at] == start) starts[kept++] = start;
  }
  if (!first) starts.resize(kept);
}

void PositionCursor::unpack(std::size_t block) {
  if (block == block_) return;
  block_ = block;
  count_ = list_.padded_documents_of(block, documents_);
  at_ = 0;
  has_frequencies_ = false;
}

void PositionCursor::unpack_frequencies() {
  if (has_frequencies_) return;
  list_.frequencies_of(block_, frequencies_);
  before_[0] = 0;
  for (std::size_t i = 0; i < count_; ++i) before_[i + 1] = before_[i] + frequencies_[i];
  has_frequencies_ = true;
}

std::size_t PositionCursor::block_of(std::uint32_t document) const {
  const auto& headers = list_.headers;
  if (headers.empty()) return 0;  // Where it ends is seen when it is unpacked.
  const auto first_in = [&](std::size_t begin, std::size_t end) {
    const auto range = headers.subspan(begin, end - begin);
    return begin + static_cast<std::size_t>(std::ranges::lower_bound(range, document, {}, &BlockHeader::last_document) -
                                            range.begin());
  };
  const std::size_t block = block_ == kNone ? 0 : block_;
  if (block > 0 && last_of(block - 1) >= document) return first_in(0, block);
  if (last_of(block) >= document) return block;
  // The block is near as a rule: steps that double, then the half between the last two.
  std::size_t step = 1, low = block + 1;
  while (low + step < headers.size() && last_of(low + step) < document) {
    low += step;
    step *= 2;
  }
  return first_in(low, std::min(low + step + 1, headers.size()));
}

std::uint64_t PositionCursor::seek(std::uint32_t document) {
  if (at_ < count_ && documents_[at_] == document) return document;
  const std::size_t block = block_of(document);
  if (block == list_.block_count()) return ~std::uint64_t{0};
  unpack(block);
  at_ = static_cast<std::size_t>(std::lower_bound(documents_, documents_ + count_, document) - documents_);
  return at_ < count_ ? documents_[at_] : ~std::uint64_t{0};
}

std::size_t PositionCursor::keep(std::uint32_t* documents, std::size_t size) {
  constexpr std::size_t kMaxProbes = 64;
  std::uint32_t places[kMaxProbes];
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size;) {
    const std::size_t block = block_of(documents[i]);
    if (block == list_.block_count()) break;
    const bool is_last = block + 1 == list_.block_count();
    std::size_t end = i + 1;
    while (end < size && end - i < kMaxProbes && (is_last || documents[end] <= last_of(block))) ++end;
    // They may all lie between two blocks, which then need not be unpacked.
    if (documents[end - 1] >= list_.document_before(block) + 1) {
      unpack(block);
      count_below(documents_, documents + i, end - i, places);
      for (std::size_t j = i; j < end; ++j) {
        const bool found = places[j - i] < count_ && documents_[places[j - i]] == documents[j];
        documents[kept] = documents[j];
        kept += found;
      }
    }
    i = end;
  }
  return kept;
}

std::uint32_t PositionCursor::frequency() {
  unpack_frequencies();
  return frequencies_[at_];
}

void PositionCursor::positions(std::vector<std::uint32_t>& out) {
  unpack_frequencies();
  out.resize(frequencies_[at_]);
  list_.positions_of(block_, before_[at_], frequencies_[at_], before_[count_], out.data());
}

FormMatcher::FormMatcher(std::span<const PlacedList> terms) : order_(terms.size()) {
  for (const PlacedList& term : terms) {
    cursors_.emplace_back(term.list);
    places_.push_back(term.place);
  }
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::ranges::stable_sort(order_, {}, [&](std::size_t i) { return cursors_[i].size(); });
  starts_.resize(places_.empty() ? 0 : static_cast<std::size_t>(std::ranges::count_if(order_, [&](std::size_t i) {
    return i == 0 || places_[i] != places_[i - 1];
  })));
}

std::size_t FormMatcher::keep(std::uint32_t* documents, std::size_t size) {
  for (std::size_t i = 1; i < order_.size() && size > 0; ++i) size = cursors_[order_[i]].keep(documents, size);
  return size;
}

bool FormMatcher::has(std::uint32_t document) {
  return std::ranges::all_of(order_, [&](std::size_t i) { return cursors_[i].seek(document) == document; });
}

std::uint32_t FormMatcher::frequency(std::uint32_t document, std::uint32_t slop) {
  if (cursors_.size() == 1) return cursors_[0].seek(document) == document ? cursors_[0].frequency() : 0;
  std::size_t slot = 0;
  for (std::size_t i = 0; i < cursors_.size(); ++i) {
    const bool first = i == 0 || places_[i] != places_[i - 1];
    if (first && i > 0) ++slot;
    if (first) starts_[slot].clear();
    if (cursors_[i].seek(document) != document) return 0;
    cursors_[i].positions(positions_);
    intersect_starts(positions_, places_[i], first, starts_[slot]);
    if (starts_[slot].empty()) return 0;
  }
  return count_phrase(starts_, slop);
}

}  // namespace dragoman
