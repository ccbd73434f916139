#include "dragoman/dense/flat_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"

namespace dragoman {
namespace {

// Queries compared with a block of vectors while the block is in the cache.
constexpr std::size_t kQueryBlock = 32;
constexpr std::size_t kVectorBlock = 64;

bool better(const DenseMatch& a, const DenseMatch& b) {
  return a.score != b.score ? a.score > b.score : a.passage.document < b.passage.document;
}

/// The best documents so far of one query. Passages of one document arrive together, so the document now arriving is
/// held back until the next one begins.
class BestDocuments {
 public:
  explicit BestDocuments(std::size_t depth) : depth_(depth) {}

  void offer(const DenseSegment& segment, std::size_t i, DocumentNumber document, float score) {
    if (has_current_ && current_.passage.document == document) {
      if (score > current_.score) current_ = {segment.passage(i), score};
      return;
    }
    settle();
    current_ = {segment.passage(i), score};
    has_current_ = true;
  }

  std::vector<DenseMatch> take() {
    settle();
    std::ranges::sort(heap_, better);
    return std::move(heap_);
  }

 private:
  void settle() {
    if (!has_current_) return;
    has_current_ = false;
    if (heap_.size() < depth_) {
      heap_.push_back(current_);
      std::ranges::push_heap(heap_, better);
    } else if (depth_ > 0 && better(current_, heap_.front())) {
      std::ranges::pop_heap(heap_, better);
      heap_.back() = current_;
      std::ranges::push_heap(heap_, better);
    }
  }

  std::size_t depth_;
  std::vector<DenseMatch> heap_;  // The worst of the best in front.
  DenseMatch current_;
  bool has_current_ = false;
};

}  // namespace

float inner_product(std::span<const float> a, std::span<const float> b) {
  // Sixteen partial sums: a fixed order that the compiler can keep in vector registers.
  std::array<float, 16> sums{};
  std::size_t i = 0;
  for (; i + 16 <= a.size(); i += 16) {
    for (std::size_t lane = 0; lane < 16; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (std::size_t lane = 0; i < a.size(); ++i, ++lane) sums[lane] += a[i] * b[i];
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  }
  return sums[0];
}

FlatIndex::FlatIndex(std::vector<std::shared_ptr<const DenseSegment>> segments) : segments_(std::move(segments)) {
  for (const auto& segment : segments_) {
    if (dimension_ == 0) dimension_ = segment->dimension();
    if (segment->dimension() != dimension_) {
      throw InvalidData(
          fmt::format("dense segments of {} and of {} dimensions in one index", dimension_, segment->dimension()));
    }
  }
}

std::size_t FlatIndex::size() const {
  std::size_t total = 0;
  for (const auto& segment : segments_) total += segment->size();
  return total;
}

std::vector<std::vector<DenseMatch>> FlatIndex::search(std::span<const float> queries, std::size_t dimension,
                                                       std::size_t depth, std::span<const std::uint8_t> allowed,
                                                       std::size_t threads, const ScoreAdjustment* adjustment) const {
  if (dimension_ != 0 && dimension != dimension_) {
    throw InvalidArgument(fmt::format("dense: query has {} dimensions, the index {}", dimension, dimension_));
  }
  const std::size_t count = dimension == 0 ? 0 : queries.size() / dimension;
  std::vector<std::vector<DenseMatch>> results(count);
  parallel_for((count + kQueryBlock - 1) / kQueryBlock, threads, [&](std::size_t block, std::size_t) {
    const std::size_t first = block * kQueryBlock, last = std::min(count, first + kQueryBlock);
    std::vector<BestDocuments> best(last - first, BestDocuments(depth));
    std::size_t start = 0;
    for (const auto& segment : segments_) {
      for (std::size_t begin = 0; begin < segment->size(); begin += kVectorBlock) {
        const std::size_t end = std::min(segment->size(), begin + kVectorBlock);
        for (std::size_t q = first; q < last; ++q) {
          const auto query = queries.subspan(q * dimension, dimension);
          for (std::size_t i = begin; i < end; ++i) {
            const DocumentNumber document = segment->passage(i).document;
            if (!allowed.empty() && (document >= allowed.size() || allowed[document] == 0)) continue;
            float score = inner_product(query, segment->vector(i));
            if (adjustment != nullptr) {
              const float offset = adjustment->offsets[q * adjustment->group_count + adjustment->groups[start + i]];
              score = adjustment->scales[start + i] * (score - offset);
            }
            best[q - first].offer(*segment, i, document, score);
          }
        }
      }
      start += segment->size();
    }
    for (std::size_t q = first; q < last; ++q) results[q] = best[q - first].take();
  });
  return results;
}

}  // namespace dragoman
