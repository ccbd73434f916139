#include <faiss/Clustering.h>
#include <faiss/Index.h>
#include <faiss/impl/ProductQuantizer.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "dense/ivf_pq_layout.h"
#include "dense/pq_kernels.h"
#include "dense/scan_kernels.h"
#include "dragoman/base/parallel.h"
#include "dragoman/dense/ivf_pq_segment.h"

namespace dragoman {
namespace {

constexpr std::size_t kTrainingPerList = 64;
constexpr int kIterations = 10;
// Passages whose codes are made at a time.
constexpr std::size_t kChunk = 4096;

/// The nearest centre of each vector. faiss asks it while it learns, so that our kernels do the work.
class Centers : public faiss::Index {
 public:
  Centers(std::size_t dimension, std::size_t threads) : faiss::Index(static_cast<int>(dimension)), threads_(threads) {}

  void add(idx_t n, const float* x) override {
    centers_.assign(x, x + static_cast<std::size_t>(n * d));
    norms_.clear();
    for (idx_t i = 0; i < n; ++i) {
      const float* center = x + i * d;
      norms_.push_back(inner_product(center, center, static_cast<std::size_t>(d)));
    }
    ntotal = n;
  }
  void reset() override { ntotal = 0; }

  void search(idx_t n, const float* x, idx_t, float* distances, idx_t* labels,
              const faiss::SearchParameters*) const override {
    constexpr std::size_t kVectors = 32;
    const auto count = static_cast<std::size_t>(n), dimension = static_cast<std::size_t>(d);
    parallel_for((count + kVectors - 1) / kVectors, threads_, [&](std::size_t block, std::size_t) {
      const std::size_t first = block * kVectors, vectors = std::min(kVectors, count - first);
      std::vector<float> dots(vectors * kBlockRows), best(vectors, -INFINITY);
      for (std::size_t center = 0; center < norms_.size(); center += kBlockRows) {
        const std::size_t rows = std::min(kBlockRows, norms_.size() - center);
        dot_f32(centers_.data() + center * dimension, dimension, rows, x + first * dimension, vectors, dots.data());
        for (std::size_t v = 0; v < vectors; ++v) {
          for (std::size_t row = 0; row < rows; ++row) {
            // |x - c|^2 = |x|^2 - 2 (<x, c> - |c|^2 / 2).
            const float near = dots[v * kBlockRows + row] - norms_[center + row] / 2;
            if (near <= best[v]) continue;
            best[v] = near;
            labels[first + v] = static_cast<idx_t>(center + row);
          }
        }
      }
      for (std::size_t v = 0; v < vectors; ++v) {
        const float* vector = x + (first + v) * dimension;
        distances[first + v] = std::max(0.0f, inner_product(vector, vector, dimension) - 2 * best[v]);
      }
    });
  }

  std::span<const float> centers() const { return centers_; }

 private:
  std::size_t threads_;
  std::vector<float> centers_, norms_;
};

/// faiss's own loops would take all processors.
class OneThread {
 public:
  OneThread() { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }

 private:
  int before_ = omp_get_max_threads();
};

class Learned {
 public:
  Learned(const DenseVectors& vectors, const PassageRun& run, std::size_t lists, std::size_t threads)
      : dimension_(vectors.dimension()),
        padded_(parts_of(dimension_) * kPartDimensions),
        quantizer_(padded_, parts_of(dimension_), 4),
        centers_(dimension_, threads) {
    // Few passages are taken more than once: sixteen codewords need as many vectors to be learned from.
    const std::size_t count =
        std::max(std::min(run.size, std::max<std::size_t>(lists * kTrainingPerList, 4096)), std::size_t{16});
    std::vector<float> sample;
    sample.reserve(count * dimension_);
    for (std::size_t i = 0; i < count; ++i) {
      const auto vector = vectors.vector(run.begin + i * run.size / count);
      sample.insert(sample.end(), vector.begin(), vector.end());
    }
    faiss::ClusteringParameters parameters;
    parameters.niter = kIterations;
    parameters.min_points_per_centroid = 1;
    parameters.max_points_per_centroid = static_cast<int>(kTrainingPerList);
    faiss::Clustering clustering(static_cast<int>(dimension_), static_cast<int>(lists), parameters);
    clustering.train(static_cast<faiss::Index::idx_t>(count), sample.data(), centers_);

    const auto labels = assign(sample);
    quantizer_.cp.min_points_per_centroid = 1;
    quantizer_.cp.niter = kIterations;
    quantizer_.train(count, residuals(sample, labels).data());
  }

  std::vector<faiss::Index::idx_t> assign(std::span<const float> vectors) const {
    const std::size_t count = vectors.size() / dimension_;
    std::vector<faiss::Index::idx_t> labels(count);
    std::vector<float> distances(count);
    centers_.search(static_cast<faiss::Index::idx_t>(count), vectors.data(), 1, distances.data(), labels.data(),
                    nullptr);
    return labels;
  }

  /// A code of four bits for each part, one a byte.
  std::vector<std::uint8_t> codes(std::span<const float> vectors, std::span<const faiss::Index::idx_t> labels) const {
    const std::size_t parts = parts_of(dimension_);
    std::vector<std::uint8_t> packed(labels.size() * quantizer_.code_size), codes(labels.size() * parts);
    quantizer_.compute_codes(residuals(vectors, labels).data(), packed.data(), labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      for (std::size_t part = 0; part < parts; ++part) {
        const unsigned both = packed[i * quantizer_.code_size + part / 2];
        codes[i * parts + part] = static_cast<std::uint8_t>(part % 2 == 0 ? both & 15 : both >> 4);
      }
    }
    return codes;
  }

  std::span<const float> centers() const { return centers_.centers(); }
  std::span<const float> codebooks() const { return quantizer_.centroids; }

 private:
  std::vector<float> residuals(std::span<const float> vectors, std::span<const faiss::Index::idx_t> labels) const {
    std::vector<float> left(labels.size() * padded_);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const float* center = centers_.centers().data() + static_cast<std::size_t>(labels[i]) * dimension_;
      for (std::size_t j = 0; j < dimension_; ++j) left[i * padded_ + j] = vectors[i * dimension_ + j] - center[j];
    }
    return left;
  }

  std::size_t dimension_, padded_;
  faiss::ProductQuantizer quantizer_;
  Centers centers_;
};

/// Puts the codes of one list into blocks of 32 passages.
std::vector<std::uint8_t> blocks_of(std::span<const std::uint32_t> passages, std::span<const std::uint8_t> codes,
                                    std::size_t parts) {
  std::vector<std::uint8_t> blocks((passages.size() + kPqBlockRows - 1) / kPqBlockRows * parts * 16);
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const std::size_t block = i / kPqBlockRows, row = i % kPqBlockRows;
    for (std::size_t part = 0; part < parts; ++part) {
      const unsigned code = codes[passages[i] * parts + part];
      blocks[(block * parts + part) * 16 + row % 16] |= static_cast<std::uint8_t>(row < 16 ? code : code << 4);
    }
  }
  return blocks;
}

}  // namespace

std::size_t ivf_pq_bytes_per_passage(std::size_t dimension) {
  // Codes, a byte for each part, the passage's list, and the vectors that are learned from, which are few of many.
  return parts_of(dimension) + 12 + dimension * sizeof(float) / 2;
}

std::uint64_t write_ivf_pq_segment(const DenseVectors& vectors, const PassageRun& run, const IvfPqOptions& options,
                                   const std::filesystem::path& path, std::string_view stamp, std::size_t threads,
                                   const ProgressCallback& progress) {
  const std::size_t dimension = vectors.dimension(), parts = parts_of(dimension);
  const std::size_t wanted =
      options.lists != 0 ? options.lists : static_cast<std::size_t>(1.2 * std::sqrt(static_cast<double>(run.size)));
  const std::size_t lists = std::min(std::max<std::size_t>(wanted, 1), run.size);
  SegmentWriter writer(path, "dense_ivfpq", std::string(stamp));
  write_source(writer, vectors, run);
  std::vector<std::vector<std::uint32_t>> passages(lists);
  std::vector<std::uint8_t> codes(run.size * parts);
  std::vector<float> centers, codebooks;
  if (lists != 0) {
    report(progress, {"learn lists", "passages", run.begin, vectors.size()});
    const OneThread one_thread;
    const Learned learned(vectors, run, lists, threads);
    centers.assign(learned.centers().begin(), learned.centers().end());
    codebooks.assign(learned.codebooks().begin(), learned.codebooks().end());
    std::vector<float> chunk;
    for (std::size_t first = 0; first < run.size; first += kChunk) {
      report(progress, {"fill lists", "passages", run.begin + first, vectors.size()});
      chunk.clear();
      for (std::size_t i = first; i < std::min(run.size, first + kChunk); ++i) {
        const auto vector = vectors.vector(run.begin + i);
        chunk.insert(chunk.end(), vector.begin(), vector.end());
      }
      const auto labels = learned.assign(chunk);
      const auto own = learned.codes(chunk, labels);
      std::ranges::copy(own, codes.begin() + static_cast<std::ptrdiff_t>(first * parts));
      for (std::size_t i = 0; i < labels.size(); ++i) {
        passages[static_cast<std::size_t>(labels[i])].push_back(static_cast<std::uint32_t>(first + i));
      }
    }
  }
  writer.add_array("centers", std::span<const float>(centers));
  writer.add_array("codebooks", std::span<const float>(codebooks));
  std::vector<std::uint64_t> starts = {0};
  for (const auto& list : passages) starts.push_back(starts.back() + list.size());
  writer.add_array("starts", std::span<const std::uint64_t>(starts));
  writer.begin("passages");
  for (const auto& list : passages) writer.append(std::as_bytes(std::span(list)));
  writer.begin("codes");
  for (const auto& list : passages) {
    const auto blocks = blocks_of(list, codes, parts);
    writer.append(std::as_bytes(std::span(blocks)));
  }
  return writer.commit();
}

}  // namespace dragoman
