#include "engine/merge_segments.h"

#include <string>
#include <vector>

#include "dragoman/multivector/multi_vector_segment.h"
#include "dragoman/sparse/sparse_index.h"
#include "engine/encoded_segments.h"
#include "engine/merge_plan.h"

namespace dragoman {
namespace {

using Records = std::span<const SegmentRecord>;

constexpr std::string_view kSparse = "sparse", kMultiVector = "multivector";

/// Fills in what only a look into the file tells.
void measure(const SegmentRecord& record, Mergeable& segment) {
  const MultiVectorSegment opened(record.file, record.stamp);
  segment.group = opened.codebook_id();
  segment.memory = 8 * opened.vector_count() + 32 * opened.passage_count();
}

std::vector<MergeRun> plan(Records records, std::size_t memory_bytes) {
  std::vector<Mergeable> segments;
  for (const SegmentRecord& record : records) segments.push_back({.first = record.first, .count = record.count});
  auto runs = plan_merges(segments, memory_bytes);
  if (runs.empty() || records.front().kind != kMultiVector) return runs;
  // What is seen in the files can only cut runs: those of no run need not be read.
  for (const MergeRun& run : runs) {
    for (std::size_t i = run.begin; i < run.end; ++i) measure(records[i], segments[i]);
  }
  return plan_merges(segments, memory_bytes);
}

}  // namespace

bool merges_kind(std::string_view kind) { return kind == kSparse || kind == kMultiVector; }

std::uint64_t write_merged(Records records, std::span<const std::uint8_t> live, const std::filesystem::path& path) {
  const std::string& stamp = records.front().stamp;
  if (records.front().kind == kSparse) {
    return merge_sparse_segments(open_sparse_segments(records, stamp), live, path, stamp);
  }
  return merge_multi_vector_segments(open_multi_vector_segments(records, stamp), live, path, stamp);
}

std::uint64_t merge_encoded_segments(Collection& collection, std::size_t memory_bytes,
                                     const ProgressCallback& progress) {
  const auto documents = collection.document_languages();
  std::uint64_t merged = 0;
  for (const std::string_view kind : {kSparse, kMultiVector}) {
    const auto records = collection.segments(kind);
    for (const MergeRun& run : plan(records, memory_bytes)) {
      report(progress, {"merge", "segments", run.end - run.begin, records.size()});
      const Records of_run = std::span(records).subspan(run.begin, run.end - run.begin);
      SegmentRecord made = of_run.front();
      made.count = of_run.back().first + of_run.back().count - made.first;
      made.file = collection.merged_path(kind, made.first, made.count);
      made.bytes = write_merged(of_run, documents.live, made.file);
      collection.replace_segments(made);
      merged += of_run.size();
    }
  }
  return merged;
}

}  // namespace dragoman
