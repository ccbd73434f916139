#include "engine/derived_dense.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "dragoman/base/error.h"

namespace dragoman {
namespace {

// Documents of a segment at most.
constexpr DocumentNumber kSegmentDocuments = 1 << 20;
// Segments of one kind, beside those of kSegmentDocuments, before they are made into one.
constexpr std::size_t kSmallSegments = 8;

/// What the collection's settings say. Collections that are older than the settings have vectors alone.
struct Settings {
  DenseIndexKind kind = DenseIndexKind::flat;
  DenseStorage storage = DenseStorage::f32;
  HnswOptions hnsw;
  IvfPqOptions ivf_pq;

  explicit Settings(const Collection& collection) {
    if (const std::string name = collection.setting("dense_index"); !name.empty()) kind = parse_dense_index_kind(name);
    if (const std::string name = collection.setting("dense_storage"); !name.empty())
      storage = parse_dense_storage(name);
    read(collection, "hnsw_m", hnsw.m);
    read(collection, "hnsw_ef_construction", hnsw.ef_construction);
    read(collection, "ivfpq_lists", ivf_pq.lists);
  }

 private:
  static void read(const Collection& collection, std::string_view name, std::size_t& number) {
    const std::string value = collection.setting(name);
    std::from_chars(value.data(), value.data() + value.size(), number);
  }
};

/// One kind of segments that the settings ask for.
struct Derived {
  std::string_view kind;
  std::string stamp;
  std::size_t bytes_per_passage;
  std::function<std::uint64_t(const DenseVectors&, const PassageRun&, const std::filesystem::path&)> write;
};

std::vector<Derived> wanted(const Settings& settings, std::string_view dense_stamp, std::size_t dimension,
                            std::size_t threads, const ProgressCallback& progress) {
  std::vector<Derived> all;
  if (settings.storage != DenseStorage::f32) {
    Derived codes{"dense_codes", fmt::format("1 {} of {}", name_of(settings.storage), dense_stamp), 8, {}};
    codes.write = [=, stamp = codes.stamp](const auto& vectors, const auto& run, const auto& path) {
      return write_compact_segment(vectors, run, settings.storage, path, stamp, progress);
    };
    all.push_back(std::move(codes));
  }
  if (settings.kind == DenseIndexKind::hnsw) {
    Derived graph{"dense_hnsw",
                  fmt::format("1 hnsw m={} ef_construction={} of {}", settings.hnsw.m, settings.hnsw.ef_construction,
                              dense_stamp),
                  hnsw_bytes_per_passage(dimension, settings.hnsw),
                  {}};
    graph.write = [=, stamp = graph.stamp](const auto& vectors, const auto& run, const auto& path) {
      return write_hnsw_segment(vectors, run, settings.hnsw, path, stamp, progress);
    };
    all.push_back(std::move(graph));
  }
  if (settings.kind == DenseIndexKind::ivfpq) {
    Derived lists{"dense_ivfpq",
                  fmt::format("1 ivfpq lists={} of {}", settings.ivf_pq.lists, dense_stamp),
                  ivf_pq_bytes_per_passage(dimension),
                  {}};
    lists.write = [=, stamp = lists.stamp](const auto& vectors, const auto& run, const auto& path) {
      return write_ivf_pq_segment(vectors, run, settings.ivf_pq, path, stamp, threads, progress);
    };
    all.push_back(std::move(lists));
  }
  return all;
}

/// Are a kind's segments what they would be made into today?
bool up_to_date(std::span<const SegmentRecord> segments, const Derived& derived, const DenseVectors& vectors) {
  std::size_t small = 0;
  for (const SegmentRecord& segment : segments) {
    if (segment.stamp != derived.stamp) return false;
    small += segment.count < kSegmentDocuments ? 1 : 0;
    try {
      DerivedSegment(segment.file, derived.kind, derived.stamp, vectors);
    } catch (const Error&) {
      return false;  // Whatever is wrong with it, it is made of what is there.
    }
  }
  return small < kSmallSegments;
}

/// The end of a segment that begins with document `first`: as many documents as memory allows for, but at least one.
DocumentNumber end_of_segment(const DenseVectors& vectors, DocumentNumber first, DocumentNumber size,
                              std::size_t most_passages) {
  const DocumentNumber end = std::min(size, (first / kSegmentDocuments + 1) * kSegmentDocuments);
  const std::size_t stop = vectors.first_passage_of(first) + std::max<std::size_t>(most_passages, 1);
  if (stop >= vectors.size()) return end;
  return std::clamp<DocumentNumber>(vectors.document(stop), first + 1, end);
}

}  // namespace

std::shared_ptr<const DenseVectors> open_dense_vectors(const Collection& collection, std::string_view dense_stamp) {
  std::vector<std::shared_ptr<const DenseSegment>> segments;
  for (const SegmentRecord& segment : collection.segments("dense")) {
    segments.push_back(std::make_shared<DenseSegment>(segment.file, dense_stamp));
  }
  return std::make_shared<const DenseVectors>(std::move(segments));
}

void set_dense_index(Collection& collection, const DenseIndexOptions& options) {
  if (options.kind) collection.set_setting("dense_index", name_of(*options.kind));
  if (options.storage) collection.set_setting("dense_storage", name_of(*options.storage));
  if (options.hnsw) {
    check(*options.hnsw);
    collection.set_setting("hnsw_m", fmt::format("{}", options.hnsw->m));
    collection.set_setting("hnsw_ef_construction", fmt::format("{}", options.hnsw->ef_construction));
  }
  if (options.ivf_pq) collection.set_setting("ivfpq_lists", fmt::format("{}", options.ivf_pq->lists));
}

bool lacks_derived_dense(const Collection& collection) {
  if (collection.segments("dense").empty()) return false;
  const auto all = wanted(Settings(collection), {}, 1, 1, {});
  return std::ranges::any_of(all, [&](const Derived& d) { return collection.segments(d.kind).empty(); });
}

void build_derived_dense(Collection& collection, const DenseIndexOptions& options, std::size_t threads,
                         const ProgressCallback& progress) {
  const auto dense = collection.segments("dense");
  if (dense.empty()) return;
  const std::string& dense_stamp = dense.front().stamp;
  const Settings settings(collection);
  const auto vectors = open_dense_vectors(collection, dense_stamp);
  const auto all = wanted(settings, dense_stamp, vectors->dimension(), threads, progress);
  for (const std::string_view kind : kDerivedDenseKinds) {
    const auto derived = std::ranges::find(all, kind, &Derived::kind);
    auto segments = collection.segments(kind);
    const bool keep = derived != all.end() && up_to_date(segments, *derived, *vectors);
    if (!keep && !segments.empty()) collection.drop_segments(kind);
    if (derived == all.end()) continue;
    DocumentNumber first = 0;
    if (keep && !segments.empty()) first = segments.back().first + segments.back().count;
    while (first < collection.size()) {
      const DocumentNumber end =
          end_of_segment(*vectors, first, collection.size(), options.memory_bytes / derived->bytes_per_passage);
      SegmentRecord segment{
          std::string(kind), collection.segment_path(kind, first), derived->stamp, first, end - first, 0};
      segment.bytes = derived->write(*vectors, run_of_documents(*vectors, first, end), segment.file);
      collection.add_segment(segment);
      first = end;
    }
  }
}

DenseIndexParts open_dense_parts(const Collection& collection, std::string_view dense_stamp) {
  const Settings settings(collection);
  DenseIndexParts parts{open_dense_vectors(collection, dense_stamp)};
  for (const Derived& derived : wanted(settings, dense_stamp, parts.vectors->dimension(), 1, {})) {
    for (const SegmentRecord& segment : collection.segments(derived.kind)) {
      if (derived.kind == "dense_codes") {
        parts.compact.push_back(
            std::make_shared<const CompactSegment>(segment.file, derived.stamp, *parts.vectors, settings.storage));
      } else if (derived.kind == "dense_ivfpq") {
        parts.lists.push_back(std::make_shared<const IvfPqSegment>(segment.file, derived.stamp, *parts.vectors));
      } else {
        parts.graphs.push_back(std::make_shared<const HnswSegment>(segment.file, derived.stamp, *parts.vectors));
      }
    }
  }
  return parts;
}

}  // namespace dragoman
