#include "engine/merge_segments.h"

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/multivector/multi_vector_segment.h"
#include "dragoman/sparse/sparse_index.h"
#include "engine/merge_plan.h"

namespace dragoman {
namespace {

using Records = std::span<const SegmentRecord>;

/// A kind of segments that can be merged.
struct MergedKind {
  std::string_view kind;
  /// Fills in what only a look into the file tells.
  std::function<void(const SegmentRecord&, Mergeable&)> measure;
  std::function<std::uint64_t(Records, std::span<const std::uint8_t> live, const std::filesystem::path&)> merge;
};

std::uint64_t merge_sparse(Records records, std::span<const std::uint8_t> live, const std::filesystem::path& path) {
  std::vector<std::shared_ptr<const SparseSegment>> segments;
  for (const SegmentRecord& record : records) {
    segments.push_back(std::make_shared<const SparseSegment>(record.file, record.stamp, 0));
  }
  return merge_sparse_segments(segments, live, path, records.front().stamp);
}

std::uint64_t merge_multi_vector(Records records, std::span<const std::uint8_t> live,
                                 const std::filesystem::path& path) {
  std::vector<std::shared_ptr<const MultiVectorSegment>> segments;
  for (const SegmentRecord& record : records) {
    segments.push_back(std::make_shared<const MultiVectorSegment>(record.file, record.stamp));
  }
  return merge_multi_vector_segments(segments, live, path, records.front().stamp);
}

void measure_multi_vector(const SegmentRecord& record, Mergeable& segment) {
  const MultiVectorSegment opened(record.file, record.stamp);
  segment.group = opened.codebook_id();
  segment.memory = 8 * opened.vector_count() + 32 * opened.passage_count();
}

std::vector<MergeRun> plan(const MergedKind& kind, Records records, std::size_t memory_bytes) {
  std::vector<Mergeable> segments;
  for (const SegmentRecord& record : records) segments.push_back({.first = record.first, .count = record.count});
  if (!kind.measure || plan_merges(segments, memory_bytes).empty()) return plan_merges(segments, memory_bytes);
  for (std::size_t i = 0; i < records.size(); ++i) kind.measure(records[i], segments[i]);
  return plan_merges(segments, memory_bytes);
}

}  // namespace

std::uint64_t merge_encoded_segments(Collection& collection, std::size_t memory_bytes,
                                     const ProgressCallback& progress) {
  const MergedKind kinds[] = {{"sparse", {}, merge_sparse}, {"multivector", measure_multi_vector, merge_multi_vector}};
  const auto documents = collection.document_languages();
  std::uint64_t merged = 0;
  for (const MergedKind& kind : kinds) {
    const auto records = collection.segments(kind.kind);
    for (const MergeRun& run : plan(kind, records, memory_bytes)) {
      report(progress, {"merge", "segments", run.end - run.begin, records.size()});
      const Records of_run = std::span(records).subspan(run.begin, run.end - run.begin);
      SegmentRecord made = of_run.front();
      made.count = of_run.back().first + of_run.back().count - made.first;
      made.file = collection.merged_path(kind.kind, made.first, made.count);
      made.bytes = kind.merge(of_run, documents.live, made.file);
      collection.replace_segments(made);
      merged += of_run.size();
    }
  }
  return merged;
}

}  // namespace dragoman
