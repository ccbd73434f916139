#include <fmt/format.h>

#include <algorithm>

#include "collection/allowed.h"
#include "dragoman/base/error.h"
#include "dragoman/multivector/multi_vector_segment.h"
#include "multivector/segment_content.h"

namespace dragoman {
namespace {

using Segments = std::span<const std::shared_ptr<const MultiVectorSegment>>;

void check(Segments segments) {
  if (segments.empty()) throw InvalidArgument("multivector: no segments to merge");
  const MultiVectorSegment* last = nullptr;  // With passages.
  for (const auto& segment : segments) {
    const MultiVectorSegment& first = *segments.front();
    if (segment->dimension() != first.dimension() || segment->bits() != first.bits()) {
      throw InvalidArgument(fmt::format("multivector: {} has {} dimensions of {} bits, {} has {} of {}",
                                        segment->path().string(), segment->dimension(), segment->bits(),
                                        first.path().string(), first.dimension(), first.bits()));
    }
    if (segment->passage_count() == 0) continue;
    if (last != nullptr && segment->passage(0).document <= last->passage(last->passage_count() - 1).document) {
      throw InvalidArgument(fmt::format("multivector: documents of {} do not follow those of {}",
                                        segment->path().string(), last->path().string()));
    }
    last = segment.get();
  }
}

/// Calls take(content, passage) for all that are to be kept.
template <class Take>
void for_each_kept(Segments segments, std::span<const std::uint8_t> allowed, const Take& take) {
  for (const auto& segment : segments) {
    const MultiVectorContent& content = segment->content();
    for (std::size_t p = 0; p < content.passage_count(); ++p) {
      if (is_allowed(allowed, content.documents[p])) take(*segment, p);
    }
  }
}

std::uint64_t copy_codes(Segments segments, std::span<const std::uint8_t> allowed, const std::filesystem::path& path,
                         std::string_view stamp) {
  const CodebookView& codebook = segments.front()->content().codebook;
  SegmentWriter writer(path, std::string(kMultiVectorKind), std::string(stamp));
  begin_multi_vector_segment(writer, codebook);
  CompressedPassages passages;
  for_each_kept(segments, allowed, [&](const MultiVectorSegment& segment, std::size_t p) {
    const MultiVectorContent& content = segment.content();
    const std::size_t first = content.first_vector(p), count = content.vectors_of(p);
    passages.add(content.passage(p), count);
    const auto centroids = content.centroids.subspan(first, count), scales = content.scales.subspan(first, count);
    passages.centroids.insert(passages.centroids.end(), centroids.begin(), centroids.end());
    passages.scales.insert(passages.scales.end(), scales.begin(), scales.end());
    writer.append(std::as_bytes(content.codes.subspan(first * codebook.code_bytes(), count * codebook.code_bytes())));
  });
  return finish_multi_vector_segment(writer, codebook, passages);
}

}  // namespace

std::uint64_t merge_multi_vector_segments(std::span<const std::shared_ptr<const MultiVectorSegment>> segments,
                                          std::span<const std::uint8_t> allowed, const std::filesystem::path& path,
                                          std::string_view stamp, MultiVectorBuildOptions options) {
  check(segments);
  const MultiVectorSegment& first = *segments.front();
  if (std::ranges::all_of(segments, [&](const auto& s) { return s->codebook_id() == first.codebook_id(); })) {
    return copy_codes(segments, allowed, path, stamp);
  }
  options.bits = first.bits();
  MultiVectorSegmentBuilder builder(first.dimension(), std::move(options));
  for_each_kept(segments, allowed, [&](const MultiVectorSegment& segment, std::size_t p) {
    builder.add(segment.passage(p), segment.vectors(p));
  });
  return builder.write(path, stamp);
}

}  // namespace dragoman
