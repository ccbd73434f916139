#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "dragoman/base/parallel.h"
#include "lexical/posting_source.h"

namespace dragoman {
namespace {

/// Rounds of exchanges at each cut; Dhulipala et al. found no gain beyond.
constexpr int kMaxRounds = 20;
/// A range of so many documents stays as it is: less than a block's worth.
constexpr std::size_t kLeastRange = 32;

/// Which words each document has, without words that only one has: those cost the same anywhere.
struct ForwardIndex {
  std::vector<std::uint64_t> offsets;  // [documents + 1]
  std::vector<std::uint32_t> terms;
  std::uint32_t term_count = 0;

  std::span<const std::uint32_t> of(std::uint32_t document) const {
    return std::span(terms).subspan(offsets[document], offsets[document + 1] - offsets[document]);
  }
};

ForwardIndex make_forward_index(MergedPostings& postings, std::size_t document_count) {
  ForwardIndex index;
  index.offsets.assign(document_count + 1, 0);
  postings.for_each([&](std::string_view, const TermPostings& of_term) {
    const auto& documents = of_term.documents;
    if (documents.size() < 2) return;
    for (const std::uint32_t document : documents) ++index.offsets[document + 1];
  });
  std::partial_sum(index.offsets.begin(), index.offsets.end(), index.offsets.begin());
  index.terms.resize(index.offsets.back());
  std::vector<std::uint64_t> next(index.offsets.begin(), index.offsets.end() - 1);
  postings.for_each([&](std::string_view, const TermPostings& of_term) {
    const auto& documents = of_term.documents;
    if (documents.size() < 2) return;
    for (const std::uint32_t document : documents) index.terms[next[document]++] = index.term_count;
    ++index.term_count;
  });
  return index;
}

float log2_of(std::uint32_t number) {
  static const auto kSmall = [] {
    std::array<float, 4096> table{};
    for (std::size_t i = 1; i < table.size(); ++i) table[i] = std::log2(static_cast<float>(i));
    return table;
  }();
  return number < kSmall.size() ? kSmall[number] : std::log2(static_cast<float>(number));
}

/// Cuts ranges in two; one for each thread.
class Bisector {
 public:
  explicit Bisector(const ForwardIndex& index) : index_(index), degrees_(index.term_count), gains_(index.term_count) {}

  /// Exchanges documents between the halves of `range` as long as the words' gaps grow shorter by it.
  void cut(std::span<std::uint32_t> range) {
    const auto left = range.first(range.size() / 2), right = range.subspan(left.size());
    for (int round = 0; round < kMaxRounds; ++round) {
      count(left, 0);
      count(right, 1);
      weigh(left.size(), right.size());
      const auto from_left = sort_by_gain(left, 0), from_right = sort_by_gain(right, 1);
      for (const std::uint32_t term : touched_) degrees_[term] = {0, 0};
      touched_.clear();

      std::size_t swaps = 0;
      while (swaps < left.size() && swaps < right.size() && from_left[swaps].first + from_right[swaps].first > 0)
        ++swaps;
      // Those that go come first in their lists, and change places.
      for (std::size_t i = 0; i < left.size(); ++i) left[i] = (i < swaps ? from_right : from_left)[i].second;
      for (std::size_t i = 0; i < right.size(); ++i) right[i] = (i < swaps ? from_left : from_right)[i].second;
      if (swaps == 0) break;
    }
  }

 private:
  using Gain = std::pair<float, std::uint32_t>;

  void count(std::span<const std::uint32_t> documents, std::size_t side) {
    for (const std::uint32_t document : documents) {
      for (const std::uint32_t term : index_.of(document)) {
        auto& degrees = degrees_[term];
        if (degrees[0] + degrees[1] == 0) touched_.push_back(term);
        ++degrees[side];
      }
    }
  }

  /// What each word saves, in bits, when one document that has it goes to the other side (section 3.2, equation 2).
  void weigh(std::size_t left_size, std::size_t right_size) {
    const float left_log = log2_of(static_cast<std::uint32_t>(left_size)),
                right_log = log2_of(static_cast<std::uint32_t>(right_size));
    const auto cost = [&](std::uint32_t left, std::uint32_t right) {
      return static_cast<float>(left) * (left_log - log2_of(left + 1)) +
             static_cast<float>(right) * (right_log - log2_of(right + 1));
    };
    for (const std::uint32_t term : touched_) {
      const auto [left, right] = degrees_[term];
      const float now = cost(left, right);
      gains_[term] = {left > 0 ? now - cost(left - 1, right + 1) : 0, right > 0 ? now - cost(left + 1, right - 1) : 0};
    }
  }

  std::vector<Gain> sort_by_gain(std::span<const std::uint32_t> documents, std::size_t side) const {
    std::vector<Gain> sorted;
    sorted.reserve(documents.size());
    for (const std::uint32_t document : documents) {
      float gain = 0;
      for (const std::uint32_t term : index_.of(document)) gain += gains_[term][side];
      sorted.emplace_back(gain, document);
    }
    std::sort(sorted.begin(), sorted.end(), [](const Gain& a, const Gain& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    return sorted;
  }

  const ForwardIndex& index_;
  std::vector<std::array<std::uint32_t, 2>> degrees_;  // By word: documents that have it, left and right.
  std::vector<std::array<float, 2>> gains_;            // By word: of leaving left, and right.
  std::vector<std::uint32_t> touched_;                 // Words of the range.
};

}  // namespace

std::vector<std::uint32_t> order_by_bisection(MergedPostings& postings, std::size_t document_count,
                                              std::size_t threads) {
  const ForwardIndex index = make_forward_index(postings, document_count);
  std::vector<std::uint32_t> order(document_count);
  std::iota(order.begin(), order.end(), 0u);
  std::vector<std::unique_ptr<Bisector>> bisectors(threads_or_all(threads));

  std::vector<std::span<std::uint32_t>> ranges = {order};
  while (!ranges.empty()) {
    parallel_for(ranges.size(), threads, [&](std::size_t i, std::size_t worker) {
      if (!bisectors[worker]) bisectors[worker] = std::make_unique<Bisector>(index);
      bisectors[worker]->cut(ranges[i]);
    });
    std::vector<std::span<std::uint32_t>> halves;
    for (const auto range : ranges) {
      const std::size_t half = range.size() / 2;
      for (const auto part : {range.first(half), range.subspan(half)}) {
        if (part.size() > kLeastRange) {
          halves.push_back(part);
        } else {
          std::sort(part.begin(), part.end());
        }
      }
    }
    ranges = std::move(halves);
  }
  return order;
}

}  // namespace dragoman
