#include "multivector/codebook.h"

#include <algorithm>
#include <cmath>

#include "dragoman/base/hash.h"
#include "multivector/panel.h"

namespace dragoman {
namespace {

// One of so many sampled vectors is kept from k-means, up to so many, to see what residuals of others are like.
constexpr std::size_t kHeldOutEvery = 16;
constexpr std::size_t kMaxHeldOut = 16384;
// Below so many sampled vectors for each centroid none is spared.
constexpr std::size_t kVectorsForHeldOut = 4;
// The largest scale of the sample takes half of the range, since larger ones may come.
constexpr double kScaleRoom = 2;
// What must be above 0 in the file, however small the vectors are.
constexpr double kLeastWeight = 1e-30;

void centroid_values(const std::int8_t* row, float scale, std::size_t dimension, float* out) {
  for (std::size_t d = 0; d < dimension; ++d) out[d] = static_cast<float>(row[d]) * scale;
}

Sample some(const Sample& from, std::size_t every, bool held_out, std::size_t most) {
  Sample to{from.dimension, from.padded, 0, from.unit, {}};
  std::size_t spared = 0;
  for (std::size_t i = 0; i < from.count; ++i) {
    const bool spare = i % every == every - 1 && spared < most;
    spared += spare;
    if (spare != held_out) continue;
    to.points.insert(to.points.end(), from.points.begin() + static_cast<std::ptrdiff_t>(i * from.padded),
                     from.points.begin() + static_cast<std::ptrdiff_t>((i + 1) * from.padded));
    ++to.count;
  }
  return to;
}

}  // namespace

std::size_t CodebookView::padded() const { return padded_dimension(dimension, bits); }

std::uint64_t CodebookView::id() const {
  Checksum sum;
  const std::uint64_t numbers[] = {dimension, bits, count};
  const float units[] = {point_unit, level_unit, scale_unit, residual_error};
  sum.update(std::as_bytes(std::span(numbers)));
  sum.update(std::as_bytes(std::span(units)));
  sum.update(std::as_bytes(centroids));
  sum.update(std::as_bytes(centroid_scales));
  sum.update(std::as_bytes(weights));
  sum.update(std::as_bytes(levels));
  return sum.value();
}

Codebook::Codebook(const Sample& sample, const CodebookOptions& options)
    : dimension_(sample.dimension), bits_(options.bits), weights_(sample.dimension, 1.0f), point_unit_(sample.unit) {
  const std::size_t padded = sample.padded;
  if (sample.count == 0) {
    centroids_.resize(padded);
    centroid_scales_.resize(1);
    levels_ = LevelTrainer().levels(bits_);
    return;
  }
  const bool spare = sample.count >= kVectorsForHeldOut * options.centroids && sample.count >= kHeldOutEvery;
  Sample trained, held_out;
  if (spare) {
    trained = some(sample, kHeldOutEvery, false, kMaxHeldOut);
    held_out = some(sample, kHeldOutEvery, true, kMaxHeldOut);
  }
  const Sample& training = spare ? trained : sample;
  Centroids centroids = k_means(
      training.points.data(), training.count, padded,
      {std::min(options.centroids, training.count), options.rounds, options.seed, options.threads, options.progress});

  const Sample& rest = spare ? held_out : sample;
  std::vector<std::uint32_t> nearest(rest.count);
  assign(rest.points.data(), rest.count, centroids.rows.data(), centroids.scales.data(), centroids.biases.data(),
         centroids.count, padded, nearest.data());
  // From multiples of the unit to what they mean.
  for (float& scale : centroids.scales) scale *= sample.unit;
  std::vector<float> residuals(rest.count * dimension_);
  std::vector<double> squares(dimension_);
  double all_squares = 0;
  for (std::size_t i = 0; i < rest.count; ++i) {
    float* residual = residuals.data() + i * dimension_;
    centroid_values(centroids.rows.data() + nearest[i] * padded, centroids.scales[nearest[i]], dimension_, residual);
    for (std::size_t d = 0; d < dimension_; ++d) {
      residual[d] = static_cast<float>(rest.points[i * padded + d]) * sample.unit - residual[d];
      squares[d] += static_cast<double>(residual[d]) * residual[d];
      all_squares += static_cast<double>(residual[d]) * residual[d];
    }
  }
  const auto count = static_cast<double>(rest.count);
  residual_error_ = static_cast<float>(all_squares / count);
  const double deviation = std::sqrt(all_squares / count / static_cast<double>(dimension_));
  for (std::size_t d = 0; deviation > 0 && d < dimension_; ++d) {
    // A dimension that hardly varies here may vary elsewhere.
    weights_[d] = static_cast<float>(std::max({std::sqrt(squares[d] / count), deviation / 64, kLeastWeight}));
  }

  LevelTrainer trainer;
  for (std::size_t i = 0; i < rest.count; ++i) {
    const float* residual = residuals.data() + i * dimension_;
    double own = 0;
    for (std::size_t d = 0; d < dimension_; ++d) own += std::pow(residual[d] / weights_[d], 2.0);
    own = std::sqrt(own / static_cast<double>(dimension_));
    for (std::size_t d = 0; own > 0 && d < dimension_; ++d) trainer.add(residual[d] / weights_[d] / own);
  }
  levels_ = trainer.levels(bits_);
  ResidualCoder coder(weights_, levels_, bits_);
  std::vector<std::uint8_t> codes(dimension_);
  double largest = 0;
  for (std::size_t i = 0; i < rest.count; ++i) {
    largest = std::max<double>(largest, coder.encode(residuals.data() + i * dimension_, codes.data()));
  }
  scale_unit_ = static_cast<float>(std::max((largest > 0 ? largest : 1) * kScaleRoom / 65535, kLeastWeight));
  centroids_ = std::move(centroids.rows);
  centroid_scales_ = std::move(centroids.scales);
}

Codebook::Codebook(const CodebookView& view)
    : dimension_(view.dimension),
      bits_(view.bits),
      centroids_(view.centroids.begin(), view.centroids.end()),
      centroid_scales_(view.centroid_scales.begin(), view.centroid_scales.end()),
      weights_(view.weights.begin(), view.weights.end()),
      point_unit_(view.point_unit),
      scale_unit_(view.scale_unit),
      residual_error_(view.residual_error) {
  std::ranges::copy(view.levels, levels_.steps.begin());
  levels_.unit = view.level_unit;
}

CodebookView Codebook::view() const {
  return {dimension_,       bits_,       centroid_scales_.size(), centroids_,
          centroid_scales_, weights_,    levels_.steps,           point_unit_,
          levels_.unit,     scale_unit_, residual_error_};
}

Compressor::Compressor(const CodebookView& codebook)
    : codebook_(codebook), scales_(codebook.centroid_scales.begin(), codebook.centroid_scales.end()) {
  for (float& scale : scales_) scale /= codebook.point_unit;
  biases_ = centroid_biases(codebook.centroids.data(), scales_.data(), codebook.count, codebook.padded());
}

void Compressor::assign_all(const float* vectors, std::size_t count, std::vector<std::uint32_t>& nearest) const {
  const std::size_t padded = codebook_.padded();
  AlignedVector<std::int16_t> points(count * padded);
  to_points(vectors, count, codebook_.dimension, padded, codebook_.point_unit, points.data());
  nearest.resize(count);
  assign(points.data(), count, codebook_.centroids.data(), scales_.data(), biases_.data(), codebook_.count, padded,
         nearest.data());
}

void Compressor::subtract_centroid(const float* vector, std::uint32_t centroid, float* residual) const {
  const std::size_t dimension = codebook_.dimension;
  centroid_values(codebook_.centroids.data() + centroid * codebook_.padded(), codebook_.centroid_scales[centroid],
                  dimension, residual);
  for (std::size_t d = 0; d < dimension; ++d) residual[d] = vector[d] - residual[d];
}

void Compressor::compress(const float* vectors, std::size_t count, std::uint16_t* centroids, std::uint16_t* scales,
                          std::uint8_t* codes) const {
  std::vector<std::uint32_t> nearest;
  assign_all(vectors, count, nearest);
  Levels levels{{}, codebook_.level_unit};
  std::ranges::copy(codebook_.levels, levels.steps.begin());
  ResidualCoder coder(codebook_.weights, levels, codebook_.bits);
  std::vector<float> residual(codebook_.dimension);
  std::vector<std::uint8_t> plain(codebook_.padded());
  for (std::size_t i = 0; i < count; ++i) {
    subtract_centroid(vectors + i * codebook_.dimension, nearest[i], residual.data());
    const float scale = coder.encode(residual.data(), plain.data());
    centroids[i] = static_cast<std::uint16_t>(nearest[i]);
    scales[i] = static_cast<std::uint16_t>(std::min(std::nearbyint(scale / codebook_.scale_unit), 65535.0f));
    pack(plain.data(), codebook_.padded(), codebook_.bits, codes + i * codebook_.code_bytes());
  }
}

double Compressor::residual_error(const float* vectors, std::size_t count) const {
  std::vector<std::uint32_t> nearest;
  assign_all(vectors, count, nearest);
  std::vector<float> residual(codebook_.dimension);
  double squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    subtract_centroid(vectors + i * codebook_.dimension, nearest[i], residual.data());
    for (const float value : residual) squares += static_cast<double>(value) * value;
  }
  return count == 0 ? 0 : squares / static_cast<double>(count);
}

void decompress(const CodebookView& codebook, std::uint16_t centroid, std::uint16_t scale, const std::uint8_t* codes,
                float* out) {
  std::vector<std::uint8_t> plain(codebook.padded());
  unpack(codes, codebook.padded(), codebook.bits, plain.data());
  centroid_values(codebook.centroids.data() + centroid * codebook.padded(), codebook.centroid_scales[centroid],
                  codebook.dimension, out);
  const float own = static_cast<float>(scale) * codebook.scale_unit;
  for (std::size_t d = 0; d < codebook.dimension; ++d) {
    out[d] += own * codebook.weights[d] * static_cast<float>(codebook.levels[plain[d]]);
  }
}

}  // namespace dragoman
