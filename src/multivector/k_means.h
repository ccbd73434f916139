#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dragoman/base/progress.h"
#include "encode/forward/aligned.h"

namespace dragoman {

/// Centroids as 8-bit numbers, each with a scale: centroid c is scales[c] * rows[c].
struct Centroids {
  std::size_t count = 0, padded = 0;
  AlignedVector<std::int8_t> rows;  ///< [count, padded].
  std::vector<float> scales;        ///< [count].
  std::vector<float> biases;        ///< [count], half the squared length: what the nearest centroid costs.

  /// Replaces centroid c; the numbers are rounded to 127 steps of the largest.
  void set(std::size_t c, const double* values);
};

/// biases of centroids that were read from a file.
std::vector<float> centroid_biases(const std::int8_t* rows, const float* scales, std::size_t count, std::size_t padded);

/// The nearest centroid of each point, by Euclidean distance; the first of equals.
/// @param points [count, padded], of at most panel_limit() each.
void assign(const std::int16_t* points, std::size_t count, const std::int8_t* rows, const float* scales,
            const float* biases, std::size_t centroids, std::size_t padded, std::uint32_t* out);

struct KMeansOptions {
  std::size_t centroids = 1;  ///< At most as many as points.
  unsigned rounds = 4;
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  ProgressCallback progress = {};  ///< Stage "train", in vectors.
};

/// Lloyd's k-means from points drawn at random. A centroid that no point is nearest to takes a point of the cluster
/// that has the most. Sums are of whole numbers, so that neither threads nor processors change a bit.
Centroids k_means(const std::int16_t* points, std::size_t count, std::size_t padded, const KMeansOptions& options);

/// `count` of [0, total) in ascending order, each subset as likely as another. Knuth, TAOCP 3.4.2, algorithm S.
std::vector<std::size_t> draw(std::size_t count, std::size_t total, std::uint64_t seed);

}  // namespace dragoman
