#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "dragoman/base/progress.h"
#include "dragoman/dense/dense_options.h"
#include "dragoman/dense/derived_segment.h"

namespace dragoman {

/// Writes the codes of a run's vectors (docs/formats/dense.md) and returns the file's size.
///
/// int8: a vector less the run's mean is divided by 1/127 of its greatest value and rounded; dimension + 8 bytes.
/// bf16: it is rounded to 8 bits of significand; 2 * dimension + 8 bytes. Memory: 8 bytes a passage.
/// @throws InvalidArgument for DenseStorage::f32, which needs no codes.
std::uint64_t write_compact_segment(const DenseVectors& vectors, const PassageRun& run, DenseStorage storage,
                                    const std::filesystem::path& path, std::string_view stamp,
                                    const ProgressCallback& progress = {});

/// Mapped codes of a run of passages: what an exact search reads first. Thread-safe.
class CompactSegment : public DerivedSegment {
 public:
  /// @throws NotFound, InvalidData as DerivedSegment, and where the sections contradict one another.
  CompactSegment(const std::filesystem::path& path, std::string_view stamp, const DenseVectors& vectors,
                 DenseStorage storage);

  DenseStorage storage() const { return storage_; }
  std::size_t dimension() const { return center_.size(); }
  /// Mean of the run's vectors, which codes are relative to; [dimension].
  std::span<const float> center() const { return center_; }
  /// Codes of 64 passages, in the order of src/dense/scan_kernels.h.
  const std::byte* block(std::size_t b) const { return codes_.data() + b * block_bytes_; }
  std::size_t block_bytes() const { return block_bytes_; }
  /// Of each passage: what its code is multiplied with (int8), and the length of what the code leaves out.
  std::span<const float> scales() const { return scales_; }
  std::span<const float> errors() const { return errors_; }
  /// The greatest length of a vector, and of a decoded one without the center.
  float greatest_norm() const { return norms_[0]; }
  float greatest_code_norm() const { return norms_[1]; }

 private:
  DenseStorage storage_;
  std::size_t block_bytes_ = 0;
  std::span<const float> center_, scales_, errors_, norms_;
  std::span<const std::byte> codes_;
};

}  // namespace dragoman
