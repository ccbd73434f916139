#include "lexical/union_cursor.h"

#include <algorithm>
#include <array>

namespace dragoman {
namespace {

/// From so many probes in a block on, all of it is weighed at once.
constexpr std::size_t kWeighAll = 4;

UnionPartCursor::Bound bound_of(const BlockHeader& header, const UnionPart& part) {
  UnionPartCursor::Bound bound;
  for (std::uint32_t i = 0; i < kFrequencyClasses; ++i) {
    if (header.least_length[i] == kNoLength) continue;
    std::uint32_t tf = i + 1;
    if (tf == kFrequencyClasses) tf = header.most_frequency == 255 ? part.most_frequency : header.most_frequency;
    bound.sum = std::max(bound.sum, weighted_frequency(part.weight, tf, (*part.most_inverses)[header.least_length[i]]));
  }
  for (std::size_t i = 0; i < part.place_weights.size(); ++i) {
    if ((header.languages >> i & 1) != 0) bound.weight = std::max(bound.weight, part.place_weights[i]);
  }
  return bound;
}

}  // namespace

UnionPartCursor::UnionPartCursor(const UnionPart& part, const ScoredUnion& of)
    : part_(&part), one_block_(part.list.headers.empty()) {
  if (!one_block_) {
    bounds_.reserve(part.list.headers.size());
    for (const BlockHeader& header : part.list.headers) bounds_.push_back(bound_of(header, part));
    return;
  }
  // A short list is read anyway: its bound is exact.
  read(0);
  only_last_ = documents_[count_ - 1];
  Bound bound;
  for (std::size_t i = 0; i < count_; ++i) {
    bound.sum = std::max(bound.sum, sums_[i]);
    bound.weight = std::max(bound.weight, of.weight_of(documents_[i]));
  }
  bounds_ = {bound};
}

void UnionPartCursor::unpack(std::size_t block) {
  if (block_ == block) return;
  block_ = block;
  count_ = part_->list.padded_documents_of(block, documents_);
  is_weighed_ = false;
}

void UnionPartCursor::weigh() {
  if (is_weighed_) return;
  part_->list.frequencies_of(block_, frequencies_);
  weigh_frequencies(documents_, frequencies_, count_, part_->inverses.data(), part_->weight, sums_);
  is_weighed_ = true;
}

void UnionPartCursor::read(std::size_t block) {
  unpack(block);
  weigh();
}

std::size_t UnionPartCursor::begin() const {
  if (documents_[0] >= base_) return 0;
  return static_cast<std::size_t>(std::lower_bound(documents_, documents_ + count_, base_) - documents_);
}

std::size_t UnionPartCursor::end() const {
  if (documents_[count_ - 1] < end_) return count_;
  return static_cast<std::size_t>(std::lower_bound(documents_, documents_ + count_, end_) - documents_);
}

void UnionPartCursor::enter(std::uint32_t base, std::uint64_t end) {
  base_ = base;
  end_ = end;
  window_ = {};
  while (lead_ < bounds_.size() && last_of(lead_) < base) ++lead_;
  for (std::size_t block = lead_; has(block); ++block) {
    if (block == block_ && begin() == this->end()) continue;
    window_.sum = std::max(window_.sum, bounds_[block].sum);
    window_.weight = std::max(window_.weight, bounds_[block].weight);
  }
}

void UnionPartCursor::probe(const std::uint32_t* documents, std::size_t count, float* sums) {
  for (std::size_t i = 0; i < count;) {
    while (probed_ < bounds_.size() && last_of(probed_) < documents[i]) ++probed_;
    if (probed_ == bounds_.size()) return;
    // Documents [i, next) belong into this block, if anywhere.
    std::size_t next = i + 1;
    while (next < count && documents[next] <= last_of(probed_)) ++next;
    if (documents[next - 1] >= document_before(probed_) + 1) {
      unpack(probed_);
      if (next - i >= kWeighAll) weigh();
      std::uint32_t places[kMaxProbes];
      count_below(documents_, documents + i, next - i, places);
      for (std::size_t j = i; j < next; ++j) {
        const std::size_t at = places[j - i];
        if (documents_[at] != documents[j]) continue;
        sums[j] += is_weighed_ ? sums_[at]
                               : weighted_frequency(part_->weight, part_->list.frequency_of(block_, at),
                                                    part_->inverses[documents[j]]);
      }
    }
    i = next;
  }
}

std::uint64_t UnionPartCursor::next_from(std::uint32_t document) const {
  std::size_t block = lead_;
  while (block < bounds_.size() && last_of(block) < document) ++block;
  if (block == bounds_.size()) return ~std::uint64_t{0};
  if (block == block_) return *std::lower_bound(documents_, documents_ + count_, document);
  return std::max(document, document_before(block) + 1);
}

UnionCursor::UnionCursor(const ScoredUnion& scored) : union_(&scored), size_(scored.size()) {
  parts_.reserve(scored.parts.size());
  for (const UnionPart& part : scored.parts) parts_.emplace_back(part, scored);
  if (scored.weights.size() == 1) std::ranges::fill(weights_, scored.weights[0]);
}

std::int32_t UnionCursor::enter(std::uint32_t base, std::uint64_t end) {
  base_ = base;
  UnionPartCursor::Bound bound;
  for (UnionPartCursor& part : parts_) {
    part.enter(base, end);
    // In the order in which documents are added up, and so not below what any comes to, however floats are rounded.
    bound.sum += part.window().sum;
    bound.weight = std::max(bound.weight, part.window().weight);
  }
  return window_bound_ = union_bound(bound.weight, bound.sum);
}

void UnionCursor::score(const std::uint32_t* documents, const float* sums, std::size_t count) {
  if (union_->weights.size() > 1) {
    for (std::size_t i = 0; i < count; ++i) weights_[i] = union_->weights[union_->groups[documents[i]]];
  }
  saturate(sums, weights_, count, scores_);
}

void UnionCursor::gather_others(std::int32_t cut) {
  others_.clear();
  const std::size_t last = parts_.size() - 1;
  std::size_t lists = 0;
  for (std::size_t p = 0; p < last; ++p) {
    UnionPartCursor& part = parts_[p];
    const std::size_t before = others_.size();
    for (std::size_t block = part.first_block(); part.has(block); ++block) {
      float most = 0;
      for (std::size_t i = 0; i <= last; ++i) most += i == p ? part.bound(block).sum : parts_[i].window().sum;
      if (union_bound(part.bound(block).weight, most) < cut) continue;
      part.read(block);
      for (std::size_t i = part.begin(), end = part.end(); i < end; ++i) {
        others_.push_back({part.documents()[i], static_cast<std::uint32_t>(p), part.sums()[i]});
      }
    }
    lists += others_.size() > before;
  }
  if (lists < 2) return;
  std::ranges::sort(others_, [](const Sum& a, const Sum& b) {
    return a.document != b.document ? a.document < b.document : a.part < b.part;
  });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < others_.size(); ++i) {
    if (others_[i].document == others_[kept].document) {
      others_[kept].sum += others_[i].sum;
    } else {
      others_[++kept] = others_[i];
    }
  }
  others_.resize(kept + 1);
}

void UnionCursor::add_others(std::size_t begin, std::size_t end, float* sums) {
  const std::uint32_t* documents = parts_.back().documents();
  std::array<std::uint32_t, UnionPartCursor::kMaxProbes> wanted, places;
  for (std::size_t next; begin < end; begin = next) {
    next = std::min(end, begin + wanted.size());
    for (std::size_t i = begin; i < next; ++i) wanted[i - begin] = others_[i].document;
    count_below(documents, wanted.data(), next - begin, places.data());
    for (std::size_t i = begin; i < next; ++i) {
      const std::size_t at = places[i - begin];
      if (documents[at] == others_[i].document) {
        sums[at] = others_[i].sum + sums[at];
      } else {
        alone_.push_back(others_[i]);
      }
    }
  }
}

template <typename Emit>
void UnionCursor::gather(std::int32_t cut, Emit emit) {
  gather_others(cut);
  alone_.clear();
  UnionPartCursor& last = parts_.back();
  std::size_t next = 0;
  const auto leave_alone = [&](std::size_t end) {
    alone_.insert(alone_.end(), others_.begin() + static_cast<std::ptrdiff_t>(next),
                  others_.begin() + static_cast<std::ptrdiff_t>(end));
    next = end;
  };
  std::array<float, kBlockPostings + kKernelPadding> with_others;
  for (std::size_t block = last.first_block(); last.has(block); ++block) {
    std::size_t begin = next;
    while (begin < others_.size() && others_[begin].document < last.document_before(block) + 1) ++begin;
    leave_alone(begin);
    std::size_t end = begin;
    float most = 0;
    for (; end < others_.size() && others_[end].document <= last.last_of(block); ++end) {
      most = std::max(most, others_[end].sum);
    }
    if (union_bound(last.bound(block).weight, most + last.bound(block).sum) < cut) {
      // Others of these documents may be worth more by themselves, if they are in another language.
      leave_alone(end);
      continue;
    }
    last.read(block);
    const float* sums = last.sums();
    if (begin < end) {
      std::copy_n(sums, with_others.size(), with_others.begin());
      add_others(begin, end, with_others.data());
      sums = with_others.data();
      next = end;
    }
    const std::size_t from = last.begin(), to = last.end();
    if (from == to) continue;
    score(last.documents() + from, sums + from, to - from);
    emit(last.documents() + from, scores_, to - from);
  }
  leave_alone(others_.size());
}

void UnionCursor::add_to(WindowScores& scores, std::int32_t cut) {
  const auto add = [&](std::uint32_t document, std::int32_t score) {
    const std::uint32_t place = document - base_;
    scores.scores[place] += score;
    scores.touched[place / kTouchedDocuments] = 1;
  };
  gather(cut, [&](const std::uint32_t* documents, const std::int32_t* of, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add(documents[i], of[i]);
  });
  for (const Sum& sum : alone_) add(sum.document, saturated(union_->weight_of(sum.document), sum.sum));
}

void UnionCursor::put_into(Candidates& candidates, std::int32_t cut) {
  candidates.size = 0;
  gather(cut, [&](const std::uint32_t* documents, const std::int32_t* scores, std::size_t count) {
    candidates.size += keep_at_least(documents, scores, count, cut, candidates.documents + candidates.size,
                                     candidates.scores + candidates.size);
  });
  std::size_t kept = 0;
  for (const Sum& sum : alone_) {
    if (saturated(union_->weight_of(sum.document), sum.sum) >= cut) alone_[kept++] = sum;
  }
  alone_.resize(kept);
  // Both ascend: merged from behind.
  std::size_t from = candidates.size, to = candidates.size += kept;
  while (kept > 0) {
    --to;
    if (from > 0 && candidates.documents[from - 1] > alone_[kept - 1].document) {
      --from;
      candidates.documents[to] = candidates.documents[from];
      candidates.scores[to] = candidates.scores[from];
    } else {
      const Sum& sum = alone_[--kept];
      candidates.documents[to] = sum.document;
      candidates.scores[to] = saturated(union_->weight_of(sum.document), sum.sum);
    }
  }
}

void UnionCursor::probe(Candidates& candidates, bool required) {
  for (UnionPartCursor& part : parts_) part.begin_probes();
  std::size_t kept = 0, next;
  for (std::size_t begin = 0; begin < candidates.size; begin = next) {
    next = std::min(candidates.size, begin + UnionPartCursor::kMaxProbes);
    const std::uint32_t* documents = candidates.documents + begin;
    std::array<float, UnionPartCursor::kMaxProbes + kKernelPadding> sums = {};
    for (UnionPartCursor& part : parts_) part.probe(documents, next - begin, sums.data());
    score(documents, sums.data(), next - begin);
    for (std::size_t i = begin; i < next; ++i) {
      const bool found = sums[i - begin] > 0;
      if (required && !found) continue;
      const std::size_t to = required ? kept++ : i;
      candidates.documents[to] = candidates.documents[i];
      candidates.scores[to] = candidates.scores[i] + (found ? scores_[i - begin] : 0);
    }
  }
  if (required) candidates.size = kept;
}

std::uint64_t UnionCursor::next_from(std::uint32_t document) {
  std::uint64_t next = ~std::uint64_t{0};
  for (const UnionPartCursor& part : parts_) next = std::min(next, part.next_from(document));
  return next;
}

}  // namespace dragoman
