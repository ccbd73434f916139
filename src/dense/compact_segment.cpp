#include "dragoman/dense/compact_segment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "dense/all_finite.h"
#include "dense/quantize.h"
#include "dense/scan_kernels.h"
#include "dragoman/base/error.h"

namespace dragoman {
namespace {

constexpr std::string_view kKind = "dense_codes";

// Blocks between two reports of progress.
constexpr std::size_t kReportBlocks = 256;

std::size_t block_bytes_of(DenseStorage storage, std::size_t dimension) {
  return storage == DenseStorage::int8 ? groups_of(dimension) * kGroupDimensions * kBlockRows
                                       : dimension * kBlockRows * sizeof(std::uint16_t);
}

std::size_t blocks_of(std::size_t passages) { return (passages + kBlockRows - 1) / kBlockRows; }

/// One block of codes in the order that the kernels read.
class Block {
 public:
  Block(DenseStorage storage, std::size_t dimension)
      : storage_(storage),
        bytes_(storage == DenseStorage::int8 ? block_bytes_of(storage, dimension) : 0),
        halves_(storage == DenseStorage::bf16 ? dimension * kBlockRows : 0) {}

  void clear() {
    std::ranges::fill(bytes_, kInt8Zero);
    std::ranges::fill(halves_, std::uint16_t{0});
  }

  /// Stores the code of a vector and returns what was stored, and its scale.
  void set(std::size_t row, std::span<const float> vector, std::span<float> decoded, float& scale) {
    if (storage_ == DenseStorage::int8) {
      codes_.resize(vector.size());
      scale = quantize_int8(vector, codes_);
      for (std::size_t i = 0; i < vector.size(); ++i) {
        decoded[i] = scale * static_cast<float>(codes_[i]);
        const std::size_t group = i / kGroupDimensions, within = i % kGroupDimensions;
        bytes_[(group * kBlockRows + row) * kGroupDimensions + within] =
            static_cast<std::uint8_t>(codes_[i] + kInt8Zero);
      }
      return;
    }
    scale = 1;
    for (std::size_t i = 0; i < vector.size(); ++i) {
      halves_[i * kBlockRows + row] = to_bf16(vector[i]);
      decoded[i] = from_bf16(halves_[i * kBlockRows + row]);
    }
  }

  std::span<const std::byte> bytes() const {
    return storage_ == DenseStorage::int8 ? std::as_bytes(std::span(bytes_)) : std::as_bytes(std::span(halves_));
  }

 private:
  DenseStorage storage_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint16_t> halves_;
  std::vector<std::int8_t> codes_;
};

/// Rounded up, so that bounds made of it hold.
float upper_float(double value) { return std::nextafter(static_cast<float>(value), INFINITY); }

}  // namespace

std::uint64_t write_compact_segment(const DenseVectors& vectors, const PassageRun& run, DenseStorage storage,
                                    const std::filesystem::path& path, std::string_view stamp,
                                    const ProgressCallback& progress) {
  if (storage == DenseStorage::f32) throw InvalidArgument("dense storage f32 has no codes to write");
  const std::size_t dimension = vectors.dimension(), blocks = blocks_of(run.size);
  SegmentWriter writer(path, std::string(kKind), std::string(stamp));
  write_source(writer, vectors, run);
  const std::vector<float> center = mean_of(vectors, run);
  writer.add_array("center", std::span(center));

  std::vector<float> scales(blocks * kBlockRows), errors(blocks * kBlockRows), relative(dimension), decoded(dimension);
  double greatest_norm = 0, greatest_code_norm = 0;
  Block block(storage, dimension);
  writer.begin("codes");
  for (std::size_t b = 0; b < blocks; ++b) {
    if (b % kReportBlocks == 0) report(progress, {"quantize", "passages", run.begin + b * kBlockRows, vectors.size()});
    block.clear();
    for (std::size_t i = b * kBlockRows; i < std::min(run.size, (b + 1) * kBlockRows); ++i) {
      const auto vector = vectors.vector(run.begin + i);
      std::ranges::transform(vector, center, relative.begin(), std::minus{});
      block.set(i % kBlockRows, relative, decoded, scales[i]);
      double norm = 0, code_norm = 0, error = 0;
      for (std::size_t d = 0; d < dimension; ++d) {
        const double left = static_cast<double>(vector[d]) - center[d] - decoded[d];
        norm += static_cast<double>(vector[d]) * vector[d];
        code_norm += static_cast<double>(decoded[d]) * decoded[d];
        error += left * left;
      }
      errors[i] = upper_float(std::sqrt(error));
      greatest_norm = std::max(greatest_norm, norm);
      greatest_code_norm = std::max(greatest_code_norm, code_norm);
    }
    writer.append(block.bytes());
  }
  writer.add_array("scales", std::span<const float>(scales));
  writer.add_array("errors", std::span<const float>(errors));
  const std::array norms = {upper_float(std::sqrt(greatest_norm)), upper_float(std::sqrt(greatest_code_norm))};
  if (!std::isfinite(norms[0]) || !std::isfinite(norms[1])) {
    throw InvalidArgument("dense: vectors are too long for codes; choose the storage f32");
  }
  writer.add_array("norms", std::span<const float>(norms));
  return writer.commit();
}

CompactSegment::CompactSegment(const std::filesystem::path& path, std::string_view stamp, const DenseVectors& vectors,
                               DenseStorage storage)
    : DerivedSegment(path, kKind, stamp, vectors),
      storage_(storage),
      block_bytes_(block_bytes_of(storage, vectors.dimension())),
      center_(reader_.array<float>("center")),
      scales_(reader_.array<float>("scales")),
      errors_(reader_.array<float>("errors")),
      norms_(reader_.array<float>("norms")),
      codes_(reader_.section("codes")) {
  const std::size_t blocks = blocks_of(run_.size);
  reader_.check(center_.size() == vectors.dimension() && scales_.size() == blocks * kBlockRows &&
                errors_.size() == scales_.size() && norms_.size() == 2 && codes_.size() == blocks * block_bytes_ &&
                all_finite(center_) && all_finite(scales_) && all_finite(errors_) && all_finite(norms_));
}

}  // namespace dragoman
