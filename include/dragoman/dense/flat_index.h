#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/collection/document.h"
#include "dragoman/collection/segment_file.h"
#include "dragoman/text/passages.h"

namespace dragoman {

/// A passage of a document, as the dense index knows it.
struct DensePassage {
  DocumentNumber document = 0;
  TextRange range;  ///< Of the document's text, in bytes.
};

/// Collects the vectors of a run of documents and writes them as a segment (docs/formats/dense.md).
class DenseSegmentBuilder {
 public:
  explicit DenseSegmentBuilder(std::size_t dimension) : dimension_(dimension) {}

  /// @param vector [dimension]. Passages come by ascending document, then by ascending range.
  /// @throws InvalidArgument if the dimension differs, or a value is not finite.
  void add(const DensePassage& passage, std::span<const float> vector);

  /// Writes everything to `path` and returns the file's size.
  std::uint64_t write(const std::filesystem::path& path, std::string_view stamp) const;

 private:
  std::size_t dimension_;
  std::vector<float> vectors_;
  std::vector<std::uint32_t> documents_;
  std::vector<std::uint64_t> ranges_;  ///< begin, end of every passage.
};

/// Mapped vectors of a run of documents. Thread-safe.
class DenseSegment {
 public:
  /// @throws NotFound, InvalidData as SegmentReader, and where the sections contradict one another.
  DenseSegment(const std::filesystem::path& path, std::string_view stamp);

  std::size_t size() const { return documents_.size(); }
  std::size_t dimension() const { return dimension_; }
  std::span<const float> vector(std::size_t i) const { return vectors_.subspan(i * dimension_, dimension_); }
  DensePassage passage(std::size_t i) const;

 private:
  bool ranges_are_ranges() const;

  SegmentReader reader_;
  std::size_t dimension_ = 0;
  std::span<const float> vectors_;
  std::span<const std::uint32_t> documents_;
  std::span<const std::uint64_t> ranges_;
};

/// A document with the passage that made it match.
struct DenseMatch {
  DensePassage passage;
  float score = 0;  ///< Inner product; the cosine, for unit vectors. Higher is better.
};

/// Makes scores those of other vectors than the index keeps, which are its own moved and scaled by groups:
///
///     score(query q, passage i) = scales[i] * (<q, vector i> - offsets[q, groups[i]])
struct ScoreAdjustment {
  std::span<const float> scales;          ///< By passage, in the order of the index; finite, >= 0.
  std::span<const std::uint16_t> groups;  ///< By passage: below `group_count`.
  std::span<const float> offsets;         ///< [queries, group_count], row-major.
  std::size_t group_count = 0;
};

/// Exact search: every vector is compared. A document's score is that of its best passage (the first of equals).
class FlatIndex {
 public:
  explicit FlatIndex(std::vector<std::shared_ptr<const DenseSegment>> segments);

  /// The `depth` best documents for each query: score descending, then document number ascending.
  ///
  /// @param queries [n, dimension], row-major.
  /// @param allowed one byte a document number, non-zero where it may be returned; empty for all.
  /// @throws InvalidArgument if the dimension is not the index's.
  ///
  /// O(n * passages * dimension). Thread-safe; the same bits at any number of threads.
  std::vector<std::vector<DenseMatch>> search(std::span<const float> queries, std::size_t dimension, std::size_t depth,
                                              std::span<const std::uint8_t> allowed, std::size_t threads,
                                              const ScoreAdjustment* adjustment = nullptr) const;

  std::size_t size() const;
  std::size_t dimension() const { return dimension_; }

 private:
  std::vector<std::shared_ptr<const DenseSegment>> segments_;
  std::size_t dimension_ = 0;
};

/// Inner product of two vectors of the same length, in a fixed order of summation.
float inner_product(std::span<const float> a, std::span<const float> b);

}  // namespace dragoman
