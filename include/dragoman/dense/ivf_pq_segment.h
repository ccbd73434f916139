#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/dense/derived_segment.h"

namespace dragoman {

/// How lists are made. Jegou, Douze and Schmid, "Product Quantization for Nearest Neighbor Search", TPAMI 2011: a
/// passage stands in the list of the centre nearest to it, as a code of what is left: four dimensions in four bits.
struct IvfPqOptions {
  std::size_t lists = 0;  ///< 0: as many as the square root of the passages, and a fifth more.
};

/// Makes the lists of a run's vectors and writes them (docs/formats/dense.md); returns the file's size. Centres and
/// codes are learned by faiss from at most 64 passages a list, chosen evenly. The same vectors give the same bytes.
/// Memory: the vectors that are learned from, and dimension / 4 + 12 bytes a passage.
std::uint64_t write_ivf_pq_segment(const DenseVectors& vectors, const PassageRun& run, const IvfPqOptions& options,
                                   const std::filesystem::path& path, std::string_view stamp, std::size_t threads = 1,
                                   const ProgressCallback& progress = {});

/// Bytes that write_ivf_pq_segment() needs for each passage.
std::size_t ivf_pq_bytes_per_passage(std::size_t dimension);

/// Mapped lists of codes of a run of passages: dimension / 8 + 4 bytes a passage. Thread-safe.
class IvfPqSegment : public DerivedSegment {
 public:
  /// @throws NotFound, InvalidData as DerivedSegment, and where the sections contradict one another.
  IvfPqSegment(const std::filesystem::path& path, std::string_view stamp, const DenseVectors& vectors);

  /// Passages near a query, by the numbers of DenseVectors: at most `count`, those whose codes are the nearest.
  ///
  /// @param nprobe  lists to look into, those of the nearest centres.
  /// @param allowed one byte a passage of the run, non-zero where it may be returned; empty for all.
  std::vector<std::uint32_t> search(std::span<const float> query, std::size_t count, std::size_t nprobe,
                                    std::span<const std::uint8_t> allowed) const;

  std::size_t lists() const { return starts_.empty() ? 0 : starts_.size() - 1; }

 private:
  std::size_t dimension_ = 0, parts_ = 0;
  float greatest_norm_ = 0;  // Of all vectors.
  std::span<const float> centers_, codebooks_;
  std::span<const std::uint64_t> starts_;    // Of each list in `passages_`, and its end.
  std::span<const std::uint32_t> passages_;  // Of the run, list by list, ascending in each.
  std::span<const std::uint8_t> codes_;      // Blocks of 32; each list begins with one.
  std::vector<float> half_norms_;            // Half the squared length of each center.
  std::vector<std::size_t> first_block_;     // Of each list.
};

}  // namespace dragoman
