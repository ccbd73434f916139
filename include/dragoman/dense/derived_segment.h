#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "dragoman/collection/segment_file.h"
#include "dragoman/dense/dense_vectors.h"

namespace dragoman {

/// The passages of documents [first, end), by the numbers of DenseVectors: [begin, begin + size).
struct PassageRun {
  DocumentNumber first = 0, end = 0;
  std::size_t begin = 0, size = 0;
};

PassageRun run_of_documents(const DenseVectors& vectors, DocumentNumber first, DocumentNumber end);

/// A mapped segment that was made from vectors of a dense index and is of no use without them. Thread-safe.
class DerivedSegment {
 public:
  /// @throws NotFound, InvalidData as SegmentReader; InvalidData if it was made of other passages than `vectors` holds.
  DerivedSegment(const std::filesystem::path& path, std::string_view kind, std::string_view stamp,
                 const DenseVectors& vectors);

  const PassageRun& run() const { return run_; }
  const std::filesystem::path& path() const { return reader_.path(); }

 protected:
  SegmentReader reader_;
  PassageRun run_;
};

/// The section that DerivedSegment reads: which passages a segment was made of.
void write_source(SegmentWriter& writer, const DenseVectors& vectors, const PassageRun& run);

}  // namespace dragoman
