#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/collection/passage.h"
#include "dragoman/collection/segment_file.h"

namespace dragoman {

/// Collects the vectors of a run of documents and writes them as a segment (docs/formats/dense.md).
class DenseSegmentBuilder {
 public:
  explicit DenseSegmentBuilder(std::size_t dimension) : dimension_(dimension) {}

  /// @param vector [dimension]. Passages come by ascending document, then by ascending range.
  /// @throws InvalidArgument if the dimension differs, or a value is not finite.
  void add(const Passage& passage, std::span<const float> vector);

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
  /// The document of each passage.
  std::span<const std::uint32_t> documents() const { return documents_; }
  Passage passage(std::size_t i) const;
  /// The length of the longest vector, rounded up.
  float greatest_norm() const { return greatest_norm_; }

 private:
  bool ranges_are_ranges() const;

  SegmentReader reader_;
  std::size_t dimension_ = 0;
  std::span<const float> vectors_;
  std::span<const std::uint32_t> documents_;
  std::span<const std::uint64_t> ranges_;
  float greatest_norm_ = 0;
};

}  // namespace dragoman
