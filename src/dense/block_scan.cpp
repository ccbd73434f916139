#include "dense/block_scan.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "dense/quantize.h"
#include "dense/scan_kernels.h"
#include "dragoman/dense/flat_index.h"

namespace dragoman {
namespace {

constexpr std::array<float, kBlockRows> kNoErrors{};

/// How far two sums of the same products, each in some order in f32, may lie apart, for vectors of unit length:
/// twice n * 2^-24 and something for what is done to the sum afterwards.
float rounding_of(std::size_t dimension) { return static_cast<float>(dimension + 16) * 0x1p-22f; }

/// Rounded up.
float norm_of(std::span<const float> vector) {
  double sum = 0;
  for (const float value : vector) sum += static_cast<double>(value) * value;
  return std::nextafter(static_cast<float>(std::sqrt(sum)), INFINITY);
}

/// Compares vectors as they are.
class VectorScorer : public BlockScorer {
 public:
  VectorScorer(const QueryBlock& queries, float greatest_norm) : queries_(queries) {
    for (const float norm : queries.norms) {
      slack_.push_back(rounding_of(queries.dimension) * norm * greatest_norm);
    }
  }

  const float* errors(std::size_t) const override { return kNoErrors.data(); }

 protected:
  void score_rows(const float* vectors, std::size_t rows, float* scores) {
    dot_f32(vectors, queries_.dimension, rows, queries_.vectors.data(), queries_.count, scores);
  }

  const QueryBlock& queries_;
};

class SegmentScorer : public VectorScorer {
 public:
  SegmentScorer(const QueryBlock& queries, const DenseSegment& segment, std::size_t offset, std::size_t size)
      : VectorScorer(queries, segment.greatest_norm()), segment_(segment), offset_(offset), size_(size) {}

  void score(std::size_t block, float* scores) override {
    const std::size_t first = block * kBlockRows;
    score_rows(segment_.vector(offset_ + first).data(), std::min(kBlockRows, size_ - first), scores);
  }

 private:
  const DenseSegment& segment_;
  std::size_t offset_, size_;
};

class ChosenScorer : public VectorScorer {
 public:
  ChosenScorer(const QueryBlock& queries, const DenseVectors& vectors, std::span<const std::uint32_t> passages)
      : VectorScorer(queries, vectors.greatest_norm()),
        vectors_(vectors),
        passages_(passages),
        rows_(kBlockRows * queries.dimension) {}

  void score(std::size_t block, float* scores) override {
    const auto chosen =
        passages_.subspan(block * kBlockRows, std::min(kBlockRows, passages_.size() - block * kBlockRows));
    for (std::size_t row = 0; row < chosen.size(); ++row) {
      std::ranges::copy(vectors_.vector(chosen[row]),
                        rows_.begin() + static_cast<std::ptrdiff_t>(row * queries_.dimension));
    }
    score_rows(rows_.data(), chosen.size(), scores);
  }

 private:
  const DenseVectors& vectors_;
  std::span<const std::uint32_t> passages_;
  std::vector<float> rows_;
};

class Bf16Scorer : public BlockScorer {
 public:
  Bf16Scorer(const QueryBlock& queries, const CompactSegment& segment) : queries_(queries), segment_(segment) {
    for (std::size_t q = 0; q < queries.count; ++q) {
      base_.push_back(
          inner_product(queries.vectors.subspan(q * queries.dimension, queries.dimension), segment.center()));
      slack_.push_back(rounding_of(queries.dimension) * queries.norms[q] *
                       (segment.greatest_norm() + 2 * norm_of(segment.center())));
    }
  }

  void score(std::size_t block, float* scores) override {
    dot_bf16(reinterpret_cast<const std::uint16_t*>(segment_.block(block)), queries_.dimension, queries_.vectors.data(),
             queries_.count, scores);
    for (std::size_t q = 0; q < queries_.count; ++q) {
      for (std::size_t row = 0; row < kBlockRows; ++row) scores[q * kBlockRows + row] += base_[q];
    }
  }

  const float* errors(std::size_t block) const override { return segment_.errors().data() + block * kBlockRows; }

 private:
  const QueryBlock& queries_;
  const CompactSegment& segment_;
  std::vector<float> base_;
};

class Int8Scorer : public BlockScorer {
 public:
  Int8Scorer(const QueryBlock& queries, const CompactSegment& segment)
      : segment_(segment),
        count_(queries.count),
        groups_(groups_of(queries.dimension)),
        codes_(queries.count * groups_ * kGroupDimensions),
        dots_(queries.count * kBlockRows) {
    std::vector<float> left(queries.dimension);
    for (std::size_t q = 0; q < count_; ++q) {
      const auto query = queries.vectors.subspan(q * queries.dimension, queries.dimension);
      const auto codes = std::span(codes_).subspan(q * groups_ * kGroupDimensions, queries.dimension);
      Query own;
      own.scale = quantize_int8(query, codes);
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < codes.size(); ++i) {
        sum += codes[i];
        left[i] = query[i] - own.scale * static_cast<float>(codes[i]);
      }
      own.zero = kInt8Zero * sum;
      own.base = inner_product(query, segment.center());
      of_query_.push_back(own);
      // What rounding took off the query meets the codes; the base is exact but for its own rounding.
      const float lengths = segment.greatest_norm() + 2 * norm_of(segment.center());
      slack_.push_back(norm_of(left) * segment.greatest_code_norm() +
                       rounding_of(queries.dimension) * queries.norms[q] * lengths);
    }
  }

  void score(std::size_t block, float* scores) override {
    dot_int8(reinterpret_cast<const std::uint8_t*>(segment_.block(block)), groups_, codes_.data(), count_,
             dots_.data());
    const float* scales = segment_.scales().data() + block * kBlockRows;
    for (std::size_t q = 0; q < count_; ++q) {
      const Query& own = of_query_[q];
      scale_int8(dots_.data() + q * kBlockRows, own.zero, scales, own.scale, own.base, scores + q * kBlockRows);
    }
  }

  const float* errors(std::size_t block) const override { return segment_.errors().data() + block * kBlockRows; }

 private:
  struct Query {
    float scale = 0, base = 0;
    std::int32_t zero = 0;
  };

  const CompactSegment& segment_;
  std::size_t count_, groups_;
  std::vector<std::int8_t> codes_;
  std::vector<Query> of_query_;
  std::vector<std::int32_t> dots_;
};

class VectorRun : public ScanRun {
 public:
  VectorRun(const DenseVectors& vectors, std::size_t segment, std::size_t offset, std::size_t size)
      : segment_(*vectors.segments()[segment]), start_(vectors.starts()[segment]), offset_(offset), size_(size) {}

  std::unique_ptr<BlockScorer> scorer(const QueryBlock& queries) const override {
    return std::make_unique<SegmentScorer>(queries, segment_, offset_, size_);
  }
  std::size_t size() const override { return size_; }
  std::size_t passage(std::size_t i) const override { return start_ + offset_ + i; }

 private:
  const DenseSegment& segment_;
  std::size_t start_, offset_, size_;
};

class CompactRun : public ScanRun {
 public:
  explicit CompactRun(const CompactSegment& segment) : segment_(segment) {}

  std::unique_ptr<BlockScorer> scorer(const QueryBlock& queries) const override {
    if (segment_.storage() == DenseStorage::int8) return std::make_unique<Int8Scorer>(queries, segment_);
    return std::make_unique<Bf16Scorer>(queries, segment_);
  }
  std::size_t size() const override { return segment_.run().size; }
  std::size_t passage(std::size_t i) const override { return segment_.run().begin + i; }

 private:
  const CompactSegment& segment_;
};

class ChosenRun : public ScanRun {
 public:
  ChosenRun(const DenseVectors& vectors, std::span<const std::uint32_t> passages)
      : vectors_(vectors), passages_(passages) {}

  std::unique_ptr<BlockScorer> scorer(const QueryBlock& queries) const override {
    return std::make_unique<ChosenScorer>(queries, vectors_, passages_);
  }
  std::size_t size() const override { return passages_.size(); }
  std::size_t passage(std::size_t i) const override { return passages_[i]; }

 private:
  const DenseVectors& vectors_;
  std::span<const std::uint32_t> passages_;
};

}  // namespace

QueryBlock make_query_block(std::span<const float> vectors, std::size_t dimension) {
  QueryBlock block{vectors, vectors.size() / dimension, dimension, {}};
  for (std::size_t q = 0; q < block.count; ++q) {
    block.norms.push_back(norm_of(vectors.subspan(q * dimension, dimension)));
  }
  return block;
}

std::unique_ptr<ScanRun> make_vector_run(const DenseVectors& vectors, std::size_t segment, std::size_t offset,
                                         std::size_t size) {
  return std::make_unique<VectorRun>(vectors, segment, offset, size);
}

std::unique_ptr<ScanRun> make_compact_run(const CompactSegment& segment) {
  return std::make_unique<CompactRun>(segment);
}

std::unique_ptr<ScanRun> make_chosen_run(const DenseVectors& vectors, std::span<const std::uint32_t> passages) {
  return std::make_unique<ChosenRun>(vectors, passages);
}

}  // namespace dragoman
