#include "dragoman/dense/derived_segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"

namespace dragoman {
namespace {

/// First and end document, passages, dimension, and a checksum of which document each passage belongs to.
std::array<std::uint64_t, 5> source_of(const DenseVectors& vectors, const PassageRun& run) {
  return {run.first, run.end, run.size, vectors.dimension(),
          checksum(std::as_bytes(vectors.documents().subspan(run.begin, run.size)))};
}

}  // namespace

PassageRun run_of_documents(const DenseVectors& vectors, DocumentNumber first, DocumentNumber end) {
  const std::size_t begin = vectors.first_passage_of(first);
  return {first, end, begin, vectors.first_passage_of(end) - begin};
}

void write_source(SegmentWriter& writer, const DenseVectors& vectors, const PassageRun& run) {
  writer.add_array("source", std::span<const std::uint64_t>(source_of(vectors, run)));
}

DerivedSegment::DerivedSegment(const std::filesystem::path& path, std::string_view kind, std::string_view stamp,
                               const DenseVectors& vectors)
    : reader_(path, kind, stamp) {
  const auto source = reader_.array<std::uint64_t>("source");
  reader_.check(source.size() == 5 && source[0] <= source[1] && source[1] <= std::uint64_t{1} << 32);
  run_ = run_of_documents(vectors, static_cast<DocumentNumber>(source[0]), static_cast<DocumentNumber>(source[1]));
  if (!std::ranges::equal(source, source_of(vectors, run_))) {
    throw InvalidData(
        fmt::format("{}: made of other vectors than those of the index; make it again with: dragoman index --into {}",
                    path.string(), path.parent_path().parent_path().string()));
  }
}

}  // namespace dragoman
