#include "dragoman/dense/flat_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "collection/allowed.h"
#include "dense/block_scan.h"
#include "dense/scan_kernels.h"
#include "dense/scored_passages.h"
#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"

namespace dragoman {
namespace {

// Queries compared with a block of vectors while the block is in the cache.
constexpr std::size_t kQueryBlock = 32;

// Where a filter leaves fewer than one passage in so many, reading their vectors takes less than reading all codes.
constexpr std::size_t kNarrowFilter = 8;

/// What may be among the best documents of one query, found by scores that may be wrong by a known margin.
class Shortlist {
 public:
  explicit Shortlist(std::size_t depth) : depth_(depth) {}

  /// The best documents score at least so much: what does not reach it need not be offered.
  float least() const { return least_; }

  /// Passages of one document come together.
  void offer(std::size_t passage, DocumentNumber document, float score, float margin) {
    passages_.push_back({static_cast<std::uint32_t>(passage), score + margin});
    const float certain = score - margin;
    if (has_current_ && current_document_ == document) {
      current_ = std::max(current_, certain);
      return;
    }
    settle();
    current_document_ = document;
    current_ = certain;
    has_current_ = true;
  }

  /// Passages that may count, ascending.
  std::vector<std::uint32_t> take() {
    settle();
    std::vector<std::uint32_t> passages;
    for (const Offered& offered : passages_) {
      if (offered.at_most >= least_) passages.push_back(offered.number);
    }
    return passages;
  }

 private:
  struct Offered {
    std::uint32_t number;
    float at_most;
  };

  /// The document now complete has at least the score `current_`.
  void settle() {
    if (!has_current_ || depth_ == 0) return;
    has_current_ = false;
    if (certain_.size() == depth_) {
      if (current_ <= certain_.front()) return;
      std::ranges::pop_heap(certain_, std::greater{});
      certain_.pop_back();
    }
    certain_.push_back(current_);
    std::ranges::push_heap(certain_, std::greater{});
    if (certain_.size() == depth_) least_ = certain_.front();
  }

  std::size_t depth_;
  std::vector<Offered> passages_;
  std::vector<float> certain_;  // The best documents' scores at the least, the worst in front.
  float least_ = -std::numeric_limits<float>::infinity();
  DocumentNumber current_document_ = 0;
  float current_ = 0;
  bool has_current_ = false;
};

/// Blocks [begin, end) of a run.
struct Piece {
  const ScanRun* run;
  std::size_t begin, end;
};

std::size_t blocks_of(const ScanRun& run) { return (run.size() + kBlockRows - 1) / kBlockRows; }

/// Shares the runs' blocks out evenly.
std::vector<std::vector<Piece>> share_out(std::span<const std::unique_ptr<ScanRun>> runs, std::size_t shares) {
  std::size_t all = 0;
  for (const auto& run : runs) all += blocks_of(*run);
  std::vector<std::vector<Piece>> pieces(shares);
  std::size_t done = 0, share = 0;
  for (const auto& run : runs) {
    for (std::size_t begin = 0; begin < blocks_of(*run);) {
      while (done >= all * (share + 1) / shares) ++share;
      const std::size_t end = std::min(blocks_of(*run), begin + all * (share + 1) / shares - done);
      pieces[share].push_back({run.get(), begin, end});
      done += end - begin;
      begin = end;
    }
  }
  return pieces;
}

/// Reads blocks and keeps what may be among the best of each query.
class Scan {
 public:
  /// @param adjustments one a query of the block.
  Scan(const DenseVectors& vectors, const QueryBlock& queries, std::vector<QueryAdjustment> adjustments,
       std::size_t depth, std::span<const std::uint8_t> allowed)
      : vectors_(vectors),
        queries_(queries),
        adjustments_(std::move(adjustments)),
        allowed_(allowed),
        shortlists_(queries.count, Shortlist(depth)),
        scores_(queries.count * kBlockRows) {}

  void read(const Piece& piece) {
    const auto scorer = piece.run->scorer(queries_);
    for (std::size_t block = piece.begin; block < piece.end; ++block) {
      const std::uint64_t rows = rows_of(*piece.run, block);
      if (rows == 0) continue;
      scorer->score(block, scores_.data());
      for (std::size_t q = 0; q < queries_.count; ++q) {
        Shortlist& shortlist = shortlists_[q];
        const float* scores = scores_.data() + q * kBlockRows;
        const float* errors = scorer->errors(block);
        float norm = queries_.norms[q], slack = scorer->slack(q);
        if (adjustments_[q].any()) {
          adjust(piece, block, q, scores, errors, norm, slack);
          scores = adjusted_.data(), errors = adjusted_errors_.data();
          norm = 1, slack = 0;
        }
        std::uint64_t good = rows & may_reach(scores, errors, norm, slack, shortlist.least());
        for (; good != 0; good &= good - 1) {
          const auto row = static_cast<std::size_t>(std::countr_zero(good));
          const std::size_t passage = piece.run->passage(block * kBlockRows + row);
          shortlist.offer(passage, vectors_.document(passage), scores[row], norm * errors[row] + slack);
        }
      }
    }
  }

  /// The best documents of a query, by their vectors.
  ScoredPassages best(std::size_t q, std::size_t depth) {
    return rescore(vectors_, queries_.vectors.subspan(q * queries_.dimension, queries_.dimension), adjustments_[q],
                   shortlists_[q].take(), depth);
  }

 private:
  /// The block's scores for a query as the adjustment makes them, into adjusted_, with how wrong each may be.
  ///
  /// The difference to an offset is rounded once, and once its product with the scale; both for the score here and for
  /// the one of the vectors: four times 2^-24 of it, and the margins are sums that are rounded themselves.
  void adjust(const Piece& piece, std::size_t block, std::size_t q, const float* scores, const float* errors,
              float norm, float slack) {
    constexpr float kRounding = 0x1p-20f, kLeast = std::numeric_limits<float>::min();
    const QueryAdjustment& adjustment = adjustments_[q];
    const std::size_t first = block * kBlockRows, count = std::min(kBlockRows, piece.run->size() - first);
    for (std::size_t row = 0; row < count; ++row) {
      const std::size_t passage = piece.run->passage(first + row);
      const float scale = adjustment.scale(passage), difference = scores[row] - adjustment.offset(passage);
      const float error = norm * errors[row] + slack;
      adjusted_[row] = scale * difference;
      adjusted_errors_[row] = scale * (error + kRounding * (std::abs(difference) + error)) + kLeast;
    }
  }

  /// The rows of a block that may be found.
  std::uint64_t rows_of(const ScanRun& run, std::size_t block) const {
    const std::size_t first = block * kBlockRows, count = std::min(kBlockRows, run.size() - first);
    if (allowed_.empty()) return ~std::uint64_t{0} >> (kBlockRows - count);
    std::uint64_t rows = 0;
    for (std::size_t row = 0; row < count; ++row) {
      const bool may = is_allowed(allowed_, vectors_.document(run.passage(first + row)));
      rows |= static_cast<std::uint64_t>(may) << row;
    }
    return rows;
  }

  const DenseVectors& vectors_;
  const QueryBlock& queries_;
  std::vector<QueryAdjustment> adjustments_;
  std::span<const std::uint8_t> allowed_;
  std::vector<Shortlist> shortlists_;
  std::array<float, kBlockRows> adjusted_{}, adjusted_errors_{};
  std::vector<float> scores_;
};

std::vector<std::vector<DenseMatch>> scan(const DenseVectors& vectors, std::span<const std::unique_ptr<ScanRun>> runs,
                                          std::span<const float> queries, std::size_t dimension, std::size_t depth,
                                          std::span<const std::uint8_t> allowed, std::size_t threads,
                                          const ScoreAdjustment* adjustment) {
  const std::size_t count = queries.size() / dimension;
  std::vector<std::vector<DenseMatch>> results(count);
  if (depth == 0 || count == 0) return results;
  // Where there are fewer blocks of queries than threads, threads share the vectors; results are exact either way.
  const std::size_t blocks = (count + kQueryBlock - 1) / kQueryBlock;
  const std::size_t shares = (threads_or_all(threads) + blocks - 1) / blocks;
  const auto pieces = share_out(runs, shares);
  std::vector<std::vector<ScoredPassages>> found(count, std::vector<ScoredPassages>(shares));
  parallel_for(blocks * shares, threads, [&](std::size_t task, std::size_t) {
    const std::size_t first = task / shares * kQueryBlock, share = task % shares;
    const std::size_t last = std::min(count, first + kQueryBlock);
    const QueryBlock block =
        make_query_block(queries.subspan(first * dimension, (last - first) * dimension), dimension);
    std::vector<QueryAdjustment> adjustments;
    for (std::size_t q = first; q < last; ++q) adjustments.emplace_back(adjustment, q);
    Scan scan(vectors, block, std::move(adjustments), depth, allowed);
    for (const Piece& piece : pieces[share]) scan.read(piece);
    for (std::size_t q = first; q < last; ++q) found[q][share] = scan.best(q - first, depth);
  });
  for (std::size_t q = 0; q < count; ++q) {
    ScoredPassages all;
    for (const ScoredPassages& part : found[q]) all.insert(all.end(), part.begin(), part.end());
    results[q] = matches_of(vectors, best_documents(vectors, std::move(all), depth));
  }
  return results;
}

}  // namespace

float inner_product(std::span<const float> a, std::span<const float> b) {
  return inner_product(a.data(), b.data(), a.size());
}

FlatIndex::FlatIndex(std::vector<std::shared_ptr<const DenseSegment>> segments)
    : FlatIndex(std::make_shared<const DenseVectors>(std::move(segments)), {}) {}

FlatIndex::FlatIndex(std::shared_ptr<const DenseVectors> vectors,
                     std::vector<std::shared_ptr<const CompactSegment>> compact)
    : vectors_(std::move(vectors)), compact_(std::move(compact)) {
  std::erase_if(compact_, [](const auto& segment) { return segment->run().size == 0; });
  std::ranges::sort(compact_, {}, [](const auto& segment) { return segment->run().begin; });
  std::size_t next = 0;
  for (const auto& segment : compact_) {
    if (segment->run().begin < next) {
      throw InvalidData(fmt::format("{}: its passages are in another segment as well", segment->path().string()));
    }
    next = segment->run().begin + segment->run().size;
  }
}

FlatIndex::~FlatIndex() = default;

std::vector<std::vector<DenseMatch>> FlatIndex::search(std::span<const float> queries, std::size_t dimension,
                                                       std::size_t depth, std::span<const std::uint8_t> allowed,
                                                       std::size_t threads, const ScoreAdjustment* adjustment) const {
  check_dimension(*vectors_, dimension);
  if (dimension == 0) return {};
  check_adjustment(adjustment, size(), queries.size() / dimension);
  if (!allowed.empty()) {
    std::vector<std::uint32_t> passages = allowed_passages(*vectors_, allowed);
    if (compact_.empty() || passages.size() < size() / kNarrowFilter) {
      return search_among(passages, queries, dimension, depth, threads, adjustment);
    }
  }
  std::vector<std::unique_ptr<ScanRun>> runs;
  auto compact = compact_.begin();
  for (std::size_t segment = 0; segment < vectors_->segments().size(); ++segment) {
    // What no codes cover of a segment, between those that do.
    const std::size_t start = vectors_->starts()[segment];
    const std::size_t end = start + vectors_->segments()[segment]->size();
    std::size_t next = start;
    while (next < end) {
      while (compact != compact_.end() && (*compact)->run().begin + (*compact)->run().size <= next) ++compact;
      const std::size_t begin = compact == compact_.end() ? end : std::max(next, (*compact)->run().begin);
      const std::size_t stop = std::min(begin, end);
      if (stop > next) runs.push_back(make_vector_run(*vectors_, segment, next - start, stop - next));
      next = stop;
      if (begin >= end) break;
      next = std::min(end, (*compact)->run().begin + (*compact)->run().size);
    }
  }
  for (const auto& codes : compact_) runs.push_back(make_compact_run(*codes));
  return scan(*vectors_, runs, queries, dimension, depth, allowed, threads, adjustment);
}

std::vector<std::vector<DenseMatch>> FlatIndex::search_among(std::span<const std::uint32_t> passages,
                                                             std::span<const float> queries, std::size_t dimension,
                                                             std::size_t depth, std::size_t threads,
                                                             const ScoreAdjustment* adjustment) const {
  check_dimension(*vectors_, dimension);
  if (dimension == 0) return {};
  check_adjustment(adjustment, size(), queries.size() / dimension);
  std::vector<std::unique_ptr<ScanRun>> runs;
  runs.push_back(make_chosen_run(*vectors_, passages));
  return scan(*vectors_, runs, queries, dimension, depth, {}, threads, adjustment);
}

}  // namespace dragoman
