#include "lexical/list_cursor.h"

#include <algorithm>
#include <memory>

namespace dragoman {
namespace {

/// From so many candidates in a block on, all its frequencies are unpacked at once.
constexpr std::size_t kUnpackFrequencies = 4;
/// Candidates looked up in a block at a time.
constexpr std::size_t kMaxProbes = 64;

}  // namespace

Candidates& thread_candidates() {
  static thread_local const std::unique_ptr<Candidates> candidates = std::make_unique<Candidates>();
  return *candidates;
}

ListCursor::ListCursor(const ScoredList& scored)
    : list_(scored.list), scorer_(scored.scorer), one_block_(scored.list.headers.empty()) {
  if (list_.size == 0) return;
  if (one_block_) {
    // A short list is unpacked and scored anyway: its bound is exact.
    unpack(0);
    score_all();
    only_last_ = documents_[count_ - 1];
    bounds_ = {*std::max_element(scores_, scores_ + count_)};
  } else {
    bounds_.resize(list_.headers.size());
    scorer_->bound(list_.headers, bounds_.data());
  }
  bound_ = *std::max_element(bounds_.begin(), bounds_.end());
}

void ListCursor::unpack(std::size_t block) {
  if (block_ == block) return;
  block_ = block;
  count_ = list_.padded_documents_of(block, documents_);
  at_ = 0;
  has_frequencies_ = is_scored_ = false;
}

void ListCursor::score_all() {
  if (is_scored_) return;
  if (!has_frequencies_) list_.frequencies_of(block_, frequencies_);
  scorer_->score(documents_, frequencies_, count_, scores_);
  has_frequencies_ = is_scored_ = true;
}

void ListCursor::advance() {
  while (at_ < count_ && documents_[at_] < base_) ++at_;
}

std::int32_t ListCursor::enter(std::uint32_t base, std::uint64_t end) {
  base_ = base;
  end_ = end;
  window_bound_ = 0;
  const std::size_t blocks = bounds_.size();
  while (lead_ < blocks && last_of(lead_) < base) ++lead_;
  for (std::size_t block = lead_; block < blocks && begins_before(block, end); ++block) {
    if (block == block_) {
      advance();
      if (documents_[at_] >= end) continue;
    }
    window_bound_ = std::max(window_bound_, bounds_[block]);
  }
  return window_bound_;
}

void ListCursor::add_to(WindowScores& scores, std::int32_t cut) {
  for (std::size_t block = lead_; block < bounds_.size() && begins_before(block, end_); ++block) {
    if (bounds_[block] < cut) continue;
    unpack(block);
    score_all();
    advance();
    const bool whole = documents_[count_ - 1] < end_;
    for (std::size_t& i = at_; i < count_ && (whole || documents_[i] < end_); ++i) {
      const std::uint32_t place = documents_[i] - base_;
      scores.scores[place] += scores_[i];
      scores.touched[place / kTouchedDocuments] = 1;
    }
  }
}

void ListCursor::put_into(Candidates& candidates, std::int32_t cut) {
  candidates.size = 0;
  for (std::size_t block = lead_; block < bounds_.size() && begins_before(block, end_); ++block) {
    if (bounds_[block] < cut) continue;
    unpack(block);
    score_all();
    advance();
    const std::size_t begin = at_;
    const auto last = std::lower_bound(documents_ + begin, documents_ + count_, end_);
    const auto end = static_cast<std::size_t>(last - documents_);
    candidates.size += keep_at_least(documents_ + begin, scores_ + begin, end - begin, cut,
                                     candidates.documents + candidates.size, candidates.scores + candidates.size);
  }
}

void ListCursor::probe(Candidates& candidates, bool required) {
  std::size_t block = lead_, kept = 0;
  for (std::size_t i = 0; i < candidates.size;) {
    const std::uint32_t document = candidates.documents[i];
    while (block < bounds_.size() && last_of(block) < document) ++block;
    if (block == bounds_.size()) break;
    // Candidates [i, end) belong into this block, if anywhere.
    const std::uint32_t last = last_of(block);
    std::size_t end = i + 1;
    while (end < candidates.size && candidates.documents[end] <= last) ++end;
    if (candidates.documents[end - 1] < list_.document_before(block) + 1) {
      // They all lie between two blocks.
      if (required) {
        i = end;
        continue;
      }
    } else {
      unpack(block);
      if (!is_scored_ && end - i >= kUnpackFrequencies && !has_frequencies_) {
        list_.frequencies_of(block, frequencies_);
        has_frequencies_ = true;
      }
      std::uint32_t places[kMaxProbes];
      end = std::min(end, i + kMaxProbes);
      count_below(documents_, candidates.documents + i, end - i, places);
      for (std::size_t j = i; j < end; ++j) {
        const std::uint32_t wanted = candidates.documents[j];
        const std::size_t at = places[j - i];
        const bool found = documents_[at] == wanted;
        std::int32_t score = candidates.scores[j];
        if (found) {
          score += is_scored_
                       ? scores_[at]
                       : scorer_->score(wanted, has_frequencies_ ? frequencies_[at] : list_.frequency_of(block, at));
        } else if (required) {
          continue;
        }
        if (required) {
          candidates.documents[kept] = wanted;
          candidates.scores[kept++] = score;
        } else {
          candidates.scores[j] = score;
        }
      }
    }
    i = end;
  }
  if (required) candidates.size = kept;
}

std::uint64_t ListCursor::next_from(std::uint32_t document) {
  std::size_t block = lead_;
  while (block < bounds_.size() && last_of(block) < document) ++block;
  if (block == bounds_.size()) return ~std::uint64_t{0};
  if (block == block_) return *std::lower_bound(documents_, documents_ + count_, document);
  // Not unpacked for this: where it may begin at the earliest.
  return std::max(document, list_.document_before(block) + 1);
}

}  // namespace dragoman
