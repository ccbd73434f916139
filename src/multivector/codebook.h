#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/base/progress.h"
#include "encode/forward/aligned.h"
#include "multivector/k_means.h"
#include "multivector/residual_code.h"

namespace dragoman {

/// Centroids are numbered in 16 bits.
inline constexpr std::size_t kMaxCentroids = 65536;

/// What compressed vectors are read by:  x ~ centroid + scale * weights o levels[codes]. Views of a file or of a
/// Codebook.
struct CodebookView {
  std::size_t dimension = 0;
  unsigned bits = 4;
  std::size_t count = 0;                   ///< Centroids.
  std::span<const std::int8_t> centroids;  ///< [count, padded()]; those of padding are 0.
  std::span<const float> centroid_scales;  ///< [count], not negative.
  std::span<const float> weights;          ///< [dimension], above 0: the deviation of residuals.
  std::span<const std::int8_t> levels;     ///< [kCodeBlock], the first 2^bits ascending, the rest 0.
  float point_unit = 1;                    ///< > 0. Vectors are compared with centroids as multiples of it.
  float level_unit = 1;                    ///< > 0. A level is a multiple of it, in deviations of a residual.
  float scale_unit = 1;                    ///< > 0. A vector's scale is a multiple of it, up to 65535.
  float residual_error = 0;                ///< Mean squared length of residuals of vectors that it was not trained on.

  std::size_t padded() const;
  std::size_t code_bytes() const { return padded() * bits / 8; }
  /// A hash of all of it: the same for the same codebook.
  std::uint64_t id() const;
};

struct CodebookOptions {
  unsigned bits = 4;
  std::size_t centroids = 1;
  unsigned rounds = 4;
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  ProgressCallback progress = {};
};

/// A sample of vectors as whole multiples of a unit.
struct Sample {
  std::size_t dimension = 0, padded = 0, count = 0;
  float unit = 1;
  AlignedVector<std::int16_t> points;  ///< [count, padded].
};

class Codebook {
 public:
  /// Centroids by k-means over most of the sample; weights, levels and units from residuals of the rest, or of all if
  /// there is less than a few for each centroid. A sample of nothing gives one centroid, 0.
  Codebook(const Sample& sample, const CodebookOptions& options);

  /// A copy.
  explicit Codebook(const CodebookView& view);

  CodebookView view() const;

  /// @param error as vectors say that it is to be judged by, in the place of the sample's.
  void set_residual_error(float error) { residual_error_ = error; }

 private:
  std::size_t dimension_;
  unsigned bits_;
  AlignedVector<std::int8_t> centroids_;
  std::vector<float> centroid_scales_, weights_;
  Levels levels_{};
  float point_unit_ = 1, scale_unit_ = 1, residual_error_ = 0;
};

/// Compresses vectors by one codebook. Thread-safe.
class Compressor {
 public:
  explicit Compressor(const CodebookView& codebook);

  /// @param vectors   [count, dimension].
  /// @param centroids [count]; @param scales [count]; @param codes [count, codebook.code_bytes()].
  void compress(const float* vectors, std::size_t count, std::uint16_t* centroids, std::uint16_t* scales,
                std::uint8_t* codes) const;

  /// Mean squared distance of vectors to their nearest centroid.
  double residual_error(const float* vectors, std::size_t count) const;

 private:
  void assign_all(const float* vectors, std::size_t count, std::vector<std::uint32_t>& nearest) const;
  void subtract_centroid(const float* vector, std::uint32_t centroid, float* residual) const;

  CodebookView codebook_;
  std::vector<float> scales_, biases_;  // Of centroids as multiples of the codebook's point unit.
};

/// One vector of a codebook, [dimension].
void decompress(const CodebookView& codebook, std::uint16_t centroid, std::uint16_t scale, const std::uint8_t* codes,
                float* out);

}  // namespace dragoman
