#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "dragoman/base/error.h"
#include "dragoman/base/parallel.h"
#include "dragoman/multivector/multi_vector_segment.h"
#include "multivector/codebook.h"
#include "multivector/panel.h"
#include "multivector/segment_content.h"
#include "multivector/vector_spool.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxVectors = std::numeric_limits<std::uint32_t>::max();
// Vectors that an earlier codebook is judged by.
constexpr std::size_t kJudgedVectors = 4096;
// A codebook is not used for segments that would have more than so many times its centroids.
constexpr std::size_t kCentroidGrowth = 4;
// Where a codebook is made for other passages: one in so many tells how well it does, and a centroid needs so many
// vectors of the rest.
constexpr std::size_t kJudgedPassages = 8;
constexpr std::size_t kVectorsForCentroid = 8;
// Vectors that a thread compresses at a time, and blocks of them between two reports.
constexpr std::size_t kBlock = 512;
constexpr std::size_t kBlocksAtOnce = 64;

void check(const MultiVectorBuildOptions& options, std::size_t dimension) {
  if (dimension == 0 || dimension > kMaxDimension) {
    throw InvalidArgument(fmt::format("multivector: dimension is {}, it must be 1 to {}", dimension, kMaxDimension));
  }
  if (options.bits != 1 && options.bits != 2 && options.bits != 4) {
    throw InvalidArgument(fmt::format("multivector: bits is {}, it must be 1, 2 or 4", options.bits));
  }
  if (options.centroids > kMaxCentroids) {
    throw InvalidArgument(
        fmt::format("multivector: centroids is {}, it must be at most {}", options.centroids, kMaxCentroids));
  }
  if (options.rounds == 0 || options.training_vectors == 0) {
    throw InvalidArgument("multivector: rounds and training_vectors must be at least 1");
  }
  if (!(options.codebook_tolerance >= 0)) {
    throw InvalidArgument(
        fmt::format("multivector: codebook_tolerance is {}, it must be 0 or more", options.codebook_tolerance));
  }
  for (const auto& segment : options.earlier) {
    if (segment->dimension() != dimension || segment->bits() != options.bits) {
      throw InvalidArgument(fmt::format("multivector: {} has {} dimensions of {} bits, the new segment {} of {}",
                                        segment->path().string(), segment->dimension(), segment->bits(), dimension,
                                        options.bits));
    }
  }
}

std::size_t usual_centroids(std::size_t vectors) {
  return std::bit_floor(static_cast<std::size_t>(16 * std::sqrt(static_cast<double>(vectors))));
}

}  // namespace

struct MultiVectorSegmentBuilder::State {
  State(std::size_t given_dimension, MultiVectorBuildOptions given)
      : dimension(given_dimension),
        options(std::move(given)),
        spool(options.memory_bytes,
              options.spill_folder.empty() ? std::filesystem::temp_directory_path() : options.spill_folder) {}

  std::size_t vector_count() const { return passages.offsets.back(); }
  std::size_t padded() const { return padded_dimension(dimension, options.bits); }
  std::size_t centroid_count() const {
    const std::size_t wanted = options.centroids != 0 ? options.centroids : usual_centroids(vector_count());
    return std::max<std::size_t>(1, std::min({wanted, kMaxCentroids, vector_count()}));
  }

  std::vector<float> read_some(const std::vector<std::size_t>& wanted) const {
    std::vector<float> vectors(wanted.size() * dimension);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      spool.read(wanted[i] * dimension, std::span(vectors).subspan(i * dimension, dimension));
    }
    return vectors;
  }

  /// Numbers of vectors to train `centroids` on, of `size`.
  std::vector<std::size_t> drawn(std::size_t centroids, std::size_t size) const {
    const std::size_t most = std::max<std::size_t>(options.memory_bytes / (2 * padded()), centroids);
    return draw(std::min({centroids * options.training_vectors, size, most}), size, options.seed);
  }

  Sample sample(const std::vector<std::size_t>& drawn) const {
    const std::size_t count = drawn.size();
    std::vector<float> vector(dimension);
    float largest = 0;
    for (const std::size_t i : drawn) {
      spool.read(i * dimension, vector);
      for (const float value : vector) largest = std::max(largest, std::fabs(value));
    }
    Sample sample{dimension, padded(), count, 1, {}};
    // Not so small that a multiple of it vanishes.
    if (largest > 0) sample.unit = std::max(largest / static_cast<float>(panel_limit(padded())), 1e-30f);
    sample.points.resize(count * padded());
    for (std::size_t i = 0; i < count; ++i) {
      spool.read(drawn[i] * dimension, vector);
      to_points(vector.data(), 1, dimension, padded(), sample.unit, sample.points.data() + i * padded());
    }
    return sample;
  }

  /// The earlier codebook that describes the new vectors best, if it does it nearly as well as its own.
  const MultiVectorSegment* fitting() const {
    if (options.earlier.empty() || options.codebook_tolerance == 0) return nullptr;
    const auto vectors = read_some(draw(std::min(kJudgedVectors, vector_count()), vector_count(), options.seed));
    std::set<std::uint64_t> seen;
    const MultiVectorSegment* best = nullptr;
    double least = std::numeric_limits<double>::infinity();
    for (const auto& segment : options.earlier) {
      if (!seen.insert(segment->codebook_id()).second) continue;
      const CodebookView& codebook = segment->content().codebook;
      if (codebook.count * kCentroidGrowth < centroid_count()) continue;
      const double error = Compressor(codebook).residual_error(vectors.data(), vectors.size() / dimension);
      if (error > double{codebook.residual_error} * options.codebook_tolerance || error >= least) continue;
      best = segment.get();
      least = error;
    }
    return best;
  }

  Codebook codebook() const {
    if (const MultiVectorSegment* earlier = fitting()) return Codebook(earlier->content().codebook);
    return Codebook(sample(drawn(centroid_count(), vector_count())), codebook_options(centroid_count()));
  }

  CodebookOptions codebook_options(std::size_t centroids) const {
    return {options.bits, centroids, options.rounds, options.seed, options.threads, options.progress};
  }

  /// For segments of `expected` vectors like these.
  Codebook codebook_for(std::size_t expected) const {
    std::vector<std::size_t> learned, judged;
    for (std::size_t p = 0; p < passages.documents.size(); ++p) {
      auto& part = p % kJudgedPassages == kJudgedPassages - 1 ? judged : learned;
      for (std::size_t v = passages.offsets[p]; v < passages.offsets[p + 1]; ++v) part.push_back(v);
    }
    const std::size_t usual = options.centroids != 0 ? options.centroids : usual_centroids(expected);
    const std::size_t supported = std::bit_floor(std::max<std::size_t>(learned.size() / kVectorsForCentroid, 1));
    const std::size_t centroids = std::max<std::size_t>(std::min({usual, supported, kMaxCentroids}), 1);
    std::vector<std::size_t> some = drawn(centroids, learned.size());
    for (std::size_t& vector : some) vector = learned[vector];
    Codebook codebook(sample(some), codebook_options(centroids));
    if (judged.empty()) return codebook;
    // Words of a passage are like one another: how well others are described only they can say.
    some = draw(std::min(kJudgedVectors, judged.size()), judged.size(), options.seed);
    for (std::size_t& vector : some) vector = judged[vector];
    const auto vectors = read_some(some);
    codebook.set_residual_error(
        static_cast<float>(Compressor(codebook.view()).residual_error(vectors.data(), some.size())));
    return codebook;
  }

  void compress(const CodebookView& codebook, SegmentWriter& writer) {
    const Compressor compressor(codebook);
    passages.centroids.resize(vector_count());
    passages.scales.resize(vector_count());
    std::vector<std::uint8_t> codes;
    for (std::size_t group = 0; group < vector_count(); group += kBlock * kBlocksAtOnce) {
      report(options.progress, {"compress", "vectors", group, vector_count()});
      const std::size_t size = std::min(kBlock * kBlocksAtOnce, vector_count() - group);
      codes.resize(size * codebook.code_bytes());
      parallel_for((size + kBlock - 1) / kBlock, options.threads, [&](std::size_t block, std::size_t) {
        const std::size_t first = block * kBlock, count = std::min(kBlock, size - first);
        std::vector<float> vectors(count * dimension);
        spool.read((group + first) * dimension, vectors);
        compressor.compress(vectors.data(), count, passages.centroids.data() + group + first,
                            passages.scales.data() + group + first, codes.data() + first * codebook.code_bytes());
      });
      writer.append(std::as_bytes(std::span(codes)));
    }
    report(options.progress, {"compress", "vectors", vector_count(), vector_count()});
  }

  std::size_t dimension;
  MultiVectorBuildOptions options;
  VectorSpool spool;
  CompressedPassages passages;
};

MultiVectorSegmentBuilder::MultiVectorSegmentBuilder(std::size_t dimension, MultiVectorBuildOptions options) {
  check(options, dimension);
  state_ = std::make_unique<State>(dimension, std::move(options));
}

MultiVectorSegmentBuilder::~MultiVectorSegmentBuilder() = default;
MultiVectorSegmentBuilder::MultiVectorSegmentBuilder(MultiVectorSegmentBuilder&&) noexcept = default;
MultiVectorSegmentBuilder& MultiVectorSegmentBuilder::operator=(MultiVectorSegmentBuilder&&) noexcept = default;

void MultiVectorSegmentBuilder::add(const Passage& passage, std::span<const float> vectors) {
  auto& passages = state_->passages;
  if (vectors.size() % state_->dimension != 0) {
    throw InvalidArgument(
        fmt::format("multivector: document number {} has {} values, which is no multiple of {} "
                    "dimensions",
                    passage.document, vectors.size(), state_->dimension));
  }
  if (!std::ranges::all_of(vectors, [](float x) { return std::fabs(x) <= kLargestValue; })) {
    throw InvalidArgument(fmt::format(
        "multivector: a vector of document number {} holds a value beyond 1e15, or no number", passage.document));
  }
  const auto& [begin, end] = passage.range;
  const bool has_last = !passages.documents.empty();
  const auto last = has_last ? std::tuple(passages.documents.back(), passages.ranges[passages.ranges.size() - 2],
                                          passages.ranges.back())
                             : std::tuple(DocumentNumber{0}, std::uint64_t{0}, std::uint64_t{0});
  if (begin > end || std::tuple<DocumentNumber, std::uint64_t, std::uint64_t>(passage.document, begin, end) < last) {
    throw InvalidArgument(
        fmt::format("multivector: passage {} to {} of document number {} was added behind {} to {} "
                    "of {}; passages must ascend",
                    begin, end, passage.document, std::get<1>(last), std::get<2>(last), std::get<0>(last)));
  }
  const std::size_t count = vectors.size() / state_->dimension;
  if (count > kMaxVectors - state_->vector_count()) {
    throw InvalidArgument(
        fmt::format("multivector: at most {} vectors fit into one segment; write one before "
                    "document number {}",
                    kMaxVectors, passage.document));
  }
  state_->spool.append(vectors);
  passages.add(passage, count);
}

std::size_t MultiVectorSegmentBuilder::passage_count() const { return state_->passages.documents.size(); }
std::size_t MultiVectorSegmentBuilder::vector_count() const { return state_->vector_count(); }

std::uint64_t MultiVectorSegmentBuilder::write(const std::filesystem::path& path, std::string_view stamp) {
  const Codebook codebook = state_->codebook();
  SegmentWriter writer(path, std::string(kMultiVectorKind), std::string(stamp));
  begin_multi_vector_segment(writer, codebook.view());
  state_->compress(codebook.view(), writer);
  return finish_multi_vector_segment(writer, codebook.view(), state_->passages);
}

std::uint64_t MultiVectorSegmentBuilder::write_codebook(std::size_t expected_vectors, const std::filesystem::path& path,
                                                        std::string_view stamp) {
  const Codebook codebook = state_->codebook_for(expected_vectors);
  SegmentWriter writer(path, std::string(kMultiVectorKind), std::string(stamp));
  begin_multi_vector_segment(writer, codebook.view());
  return finish_multi_vector_segment(writer, codebook.view(), {});
}

}  // namespace dragoman
