#include "multivector/k_means.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "dragoman/base/parallel.h"
#include "multivector/kernels.h"
#include "multivector/panel.h"

namespace dragoman {
namespace {

// Points multiplied with a block of centroids at a time: two vector registers of them.
constexpr std::size_t kPanelPoints = 32;
// Points that a thread takes at a time.
constexpr std::size_t kPointBlock = 1024;

/// Points by their cluster, in ascending order within each: those of cluster c are [begins[c], begins[c + 1]).
struct Clusters {
  std::vector<std::size_t> begins;
  std::vector<std::uint32_t> points;

  std::size_t size(std::size_t c) const { return begins[c + 1] - begins[c]; }
};

Clusters by_cluster(const std::vector<std::uint32_t>& nearest, std::size_t centroids) {
  Clusters clusters{std::vector<std::size_t>(centroids + 1), std::vector<std::uint32_t>(nearest.size())};
  for (const std::uint32_t c : nearest) ++clusters.begins[c + 1];
  std::partial_sum(clusters.begins.begin(), clusters.begins.end(), clusters.begins.begin());
  std::vector<std::size_t> next(clusters.begins.begin(), clusters.begins.end() - 1);
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    clusters.points[next[nearest[i]]++] = static_cast<std::uint32_t>(i);
  }
  return clusters;
}

void set_to_point(Centroids& centroids, std::size_t c, const std::int16_t* point) {
  const std::vector<double> values(point, point + centroids.padded);
  centroids.set(c, values.data());
}

void move_to_means(Centroids& centroids, const Clusters& clusters, const std::int16_t* points, std::size_t threads) {
  const std::size_t padded = centroids.padded;
  parallel_for(centroids.count, threads, [&](std::size_t c, std::size_t) {
    if (clusters.size(c) == 0) return;
    std::vector<std::int64_t> sums(padded);
    for (std::size_t i = clusters.begins[c]; i < clusters.begins[c + 1]; ++i) {
      const std::int16_t* point = points + clusters.points[i] * padded;
      for (std::size_t d = 0; d < padded; ++d) sums[d] += point[d];
    }
    std::vector<double> mean(padded);
    for (std::size_t d = 0; d < padded; ++d) {
      mean[d] = static_cast<double>(sums[d]) / static_cast<double>(clusters.size(c));
    }
    centroids.set(c, mean.data());
  });

  std::vector<std::uint32_t> empty, largest(centroids.count);
  for (std::size_t c = 0; c < centroids.count; ++c) {
    if (clusters.size(c) == 0) empty.push_back(static_cast<std::uint32_t>(c));
  }
  std::iota(largest.begin(), largest.end(), 0);
  std::ranges::stable_sort(largest, [&](auto a, auto b) { return clusters.size(a) > clusters.size(b); });
  for (std::size_t i = 0; i < empty.size(); ++i) {
    const std::uint32_t from = largest[i % largest.size()];
    if (clusters.size(from) == 0) break;
    set_to_point(centroids, empty[i], points + clusters.points[clusters.begins[from]] * padded);
  }
}

}  // namespace

void Centroids::set(std::size_t c, const double* values) {
  double most = 0;
  for (std::size_t d = 0; d < padded; ++d) most = std::max(most, std::fabs(values[d]));
  std::int8_t* row = rows.data() + c * padded;
  scales[c] = static_cast<float>(most / 127);
  for (std::size_t d = 0; d < padded; ++d) {
    row[d] = most > 0 ? static_cast<std::int8_t>(std::nearbyint(values[d] / most * 127)) : std::int8_t{0};
  }
  biases[c] = centroid_biases(row, &scales[c], 1, padded)[0];
}

std::vector<float> centroid_biases(const std::int8_t* rows, const float* scales, std::size_t count,
                                   std::size_t padded) {
  std::vector<float> biases(count);
  for (std::size_t c = 0; c < count; ++c) {
    std::int64_t squares = 0;
    for (std::size_t d = 0; d < padded; ++d) squares += rows[c * padded + d] * rows[c * padded + d];
    const double scale = scales[c];
    biases[c] = static_cast<float>(static_cast<double>(squares) * scale * scale / 2);
  }
  return biases;
}

void assign(const std::int16_t* points, std::size_t count, const std::int8_t* rows, const float* scales,
            const float* biases, std::size_t centroids, std::size_t padded, std::uint32_t* out) {
  // As many centroids as stay in the second cache while every panel of the points passes by.
  const std::size_t block = std::max<std::size_t>(64, (std::size_t{256} << 10) / padded);
  std::vector<Panel> panels;
  for (std::size_t i = 0; i < count; i += kPanelPoints) {
    panels.emplace_back(points + i * padded, std::min(kPanelPoints, count - i), padded);
  }
  std::vector<float> scores(panels.size() * kPanelPoints, -std::numeric_limits<float>::infinity());
  std::vector<std::uint32_t> best(panels.size() * kPanelPoints);
  for (std::size_t first = 0; first < centroids; first += block) {
    const std::size_t size = std::min(block, centroids - first);
    for (std::size_t i = 0; i < panels.size(); ++i) {
      find_nearest(panels[i].view(), rows + first * padded, scales + first, biases + first, size,
                   static_cast<std::uint32_t>(first), scores.data() + i * kPanelPoints, best.data() + i * kPanelPoints);
    }
  }
  std::copy_n(best.begin(), count, out);
}

Centroids k_means(const std::int16_t* points, std::size_t count, std::size_t padded, const KMeansOptions& options) {
  Centroids centroids{options.centroids, padded, AlignedVector<std::int8_t>(options.centroids * padded),
                      std::vector<float>(options.centroids), std::vector<float>(options.centroids)};
  const auto drawn = draw(options.centroids, count, options.seed);
  for (std::size_t c = 0; c < drawn.size(); ++c) set_to_point(centroids, c, points + drawn[c] * padded);

  std::vector<std::uint32_t> nearest(count);
  const std::uint64_t total = std::uint64_t{count} * options.rounds;
  // Groups of blocks, so that the thread that was called reports.
  constexpr std::size_t kGroup = 64;
  const std::size_t blocks = (count + kPointBlock - 1) / kPointBlock;
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (std::size_t group = 0; group < blocks; group += kGroup) {
      report(options.progress, {"train", "vectors", std::uint64_t{round} * count + group * kPointBlock, total});
      parallel_for(std::min(kGroup, blocks - group), options.threads, [&](std::size_t i, std::size_t) {
        const std::size_t begin = (group + i) * kPointBlock;
        assign(points + begin * padded, std::min(kPointBlock, count - begin), centroids.rows.data(),
               centroids.scales.data(), centroids.biases.data(), centroids.count, padded, nearest.data() + begin);
      });
    }
    move_to_means(centroids, by_cluster(nearest, centroids.count), points, options.threads);
  }
  report(options.progress, {"train", "vectors", total, total});
  return centroids;
}

std::vector<std::size_t> draw(std::size_t count, std::size_t total, std::uint64_t seed) {
  std::vector<std::size_t> drawn;
  drawn.reserve(count);
  Random random(seed);
  for (std::size_t i = 0; i < total && drawn.size() < count; ++i) {
    // Below 2^32: a segment has fewer vectors.
    if (random.below(static_cast<std::uint32_t>(total - i)) < count - drawn.size()) drawn.push_back(i);
  }
  return drawn;
}

}  // namespace dragoman
