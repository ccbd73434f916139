#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/base/progress.h"
#include "dragoman/collection/passage.h"
#include "dragoman/multivector/max_sim.h"

namespace dragoman {

class MultiVectorSegment;

struct MultiVectorBuildOptions {
  /// Of each dimension of a residual, a vector less its centroid: 1, 2 or 4.
  unsigned bits = 4;
  /// In [1, 65536], and never more than vectors; 0: the power of two at or below 16 * sqrt(vectors). Santhanam et al.,
  /// "PLAID: An Efficient Engine for Late Interaction Retrieval", CIKM 2022, section 4.5.
  std::size_t centroids = 0;
  /// Rounds of k-means.
  unsigned rounds = 4;
  /// Vectors drawn for each centroid to train on; at least 1. As many as fit into memory_bytes, at the most.
  std::size_t training_vectors = 32;
  std::uint64_t seed = 1;
  /// Segments of the same encoder. The codebook of one of them is used again if it describes the new vectors nearly as
  /// well as those it was made from (codebook_tolerance); of several, the one that does it best.
  std::vector<std::shared_ptr<const MultiVectorSegment>> earlier = {};
  /// How many times as large the mean squared residual under an earlier codebook may be as in its own training; 0 never
  /// uses one again.
  float codebook_tolerance = 1.1f;
  /// Vectors kept in memory, in bytes; beyond, they wait in a nameless file in `spill_folder`. The segment is the same
  /// for any value that the training vectors fit into. Beside it, 16 bytes a vector and 24 a passage are used.
  std::size_t memory_bytes = std::size_t{512} << 20;
  std::filesystem::path spill_folder = {};  ///< Empty: the system's folder for temporary files.
  std::size_t threads = 0;                  ///< 0 for all processors. The segment is the same for any number.
  ProgressCallback progress = {};           ///< During write(): stages "train" and "compress", in vectors.
};

/// Gathers the token vectors of passages and writes them as one compressed segment (docs/formats/multivector.md).
/// Not thread-safe.
class MultiVectorSegmentBuilder {
 public:
  /// @throws InvalidArgument if dimension is 0 or above 4096, or an option is out of its range.
  explicit MultiVectorSegmentBuilder(std::size_t dimension, MultiVectorBuildOptions options = {});
  ~MultiVectorSegmentBuilder();
  MultiVectorSegmentBuilder(MultiVectorSegmentBuilder&&) noexcept;
  MultiVectorSegmentBuilder& operator=(MultiVectorSegmentBuilder&&) noexcept;

  /// @param vectors [tokens, dimension], row-major, of unit L2 norm by rule (not checked). None is fine: such a passage
  ///        is never found. Passages come by ascending document, then by ascending range.
  /// @throws InvalidArgument if passages do not ascend, the size is no multiple of the dimension, or a value is beyond
  ///         1e15 or no number; nothing is added then. Unavailable if vectors must be put on the disk and it is full.
  void add(const Passage& passage, std::span<const float> vectors);

  std::size_t passage_count() const;
  std::size_t vector_count() const;

  /// Trains, compresses, and writes what was added; nothing is fine. Returns the file's size. The builder is done then.
  /// @param stamp what made the vectors: the encoder's stamp.
  ///
  /// O(vectors * centroids * dimension) for the assignment, and training_vectors * rounds / vectors times as much
  /// for training, over all threads.
  std::uint64_t write(const std::filesystem::path& path, std::string_view stamp);

  /// Trains alone, and writes a segment without passages, to be an `earlier` one of many segments that are to share its
  /// codebook. Seven of eight passages are learned from; the others tell how well it describes passages that it has not
  /// seen, which segments are then measured by.
  /// @param expected_vectors that the segments will have, from which the number of centroids follows as in write(), but
  ///        that there is one for every eight vectors learned from at most. `earlier` is not looked at.
  std::uint64_t write_codebook(std::size_t expected_vectors, const std::filesystem::path& path, std::string_view stamp);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct MultiVectorContent;

/// Mapped compressed token vectors of a run of documents. Thread-safe.
class MultiVectorSegment {
 public:
  /// Verifies everything that a search relies on, so that no content of a file can make it read outside.
  /// @throws NotFound, or InvalidData if the file is damaged, inconsistent or of another stamp.
  MultiVectorSegment(const std::filesystem::path& path, std::string_view stamp);
  ~MultiVectorSegment();

  const std::filesystem::path& path() const;
  std::size_t passage_count() const;
  std::size_t vector_count() const;
  std::size_t dimension() const;
  unsigned bits() const;
  std::size_t centroid_count() const;
  std::uint64_t size_bytes() const;  ///< Of the file.
  /// Equal for segments that share centroids and levels: their searches are the same however they are cut.
  std::uint64_t codebook_id() const;

  Passage passage(std::size_t i) const;  ///< `i` below passage_count().

  /// The vectors of a passage as the index knows them, [tokens, dimension], in the order they were added. For a look.
  std::vector<float> vectors(std::size_t i) const;

  /// For the search within this library.
  const MultiVectorContent& content() const { return *content_; }

 private:
  std::unique_ptr<const MultiVectorContent> content_;
};

/// Writes the passages of segments as one, and returns the file's size. With one codebook among them codes are copied:
/// searches give the same bits as before. With several, vectors are decompressed and compressed anew under
/// `options.earlier` or a codebook of their own, which costs as much precision again; make the segment from the
/// encoder's vectors where these can be had.
///
/// @param segments by ascending documents, which do not overlap; of one dimension and number of bits.
/// @param allowed  one byte a document number, non-zero for those to keep; empty for all.
/// @throws InvalidArgument if there is no segment, or they overlap or differ in dimension or bits.
std::uint64_t merge_multi_vector_segments(std::span<const std::shared_ptr<const MultiVectorSegment>> segments,
                                          std::span<const std::uint8_t> allowed, const std::filesystem::path& path,
                                          std::string_view stamp, MultiVectorBuildOptions options = {});

}  // namespace dragoman
