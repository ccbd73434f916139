#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/DistanceComputer.h>
#include <faiss/impl/HNSW.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "dense/hnsw_graph.h"
#include "dense/row_codes.h"
#include "dragoman/base/error.h"
#include "dragoman/dense/hnsw_segment.h"

namespace dragoman {
namespace {

// Passages added between two reports of progress.
constexpr std::size_t kReportPassages = 1024;

/// Distances as faiss asks for them: the nearer, the less.
class CodeDistances : public faiss::DistanceComputer {
 public:
  explicit CodeDistances(const RowCodes& rows) : rows_(rows), query_(rows.stride), pair_(rows.stride) {}

  void set_passage(std::size_t i) { query_.set(rows_, i); }
  void set_query(const float*) override {}
  float operator()(faiss::Index::idx_t i) override { return distance(query_, i); }
  float symmetric_dis(faiss::Index::idx_t i, faiss::Index::idx_t j) override {
    // The heuristic holds one against many, now in this place, now in the other.
    if (i != pair_of_) std::swap(i, j);
    if (i != pair_of_) pair_.set(rows_, static_cast<std::size_t>(i));
    pair_of_ = i;
    return distance(pair_, j);
  }

 private:
  float distance(RowQuery& query, faiss::Index::idx_t i) {
    const auto row = static_cast<std::uint32_t>(i);
    float score = 0;
    query.scores(rows_, std::span(&row, 1), &score);
    return -score;
  }

  const RowCodes& rows_;
  RowQuery query_, pair_;
  faiss::Index::idx_t pair_of_ = -1;
};

/// Locks that faiss takes although nobody else is there.
class Locks {
 public:
  explicit Locks(std::size_t size) : locks_(size) {
    for (omp_lock_t& lock : locks_) omp_init_lock(&lock);
  }
  ~Locks() {
    for (omp_lock_t& lock : locks_) omp_destroy_lock(&lock);
  }
  std::vector<omp_lock_t>& get() { return locks_; }

 private:
  std::vector<omp_lock_t> locks_;
};

void append(SegmentWriter& writer, std::span<const std::uint32_t> values) { writer.append(std::as_bytes(values)); }

/// faiss's lists of one passage on one level, with our sign for the end.
std::vector<std::uint32_t> list_of(const faiss::HNSW& graph, std::size_t passage, int level) {
  std::size_t begin = 0, end = 0;
  graph.neighbor_range(static_cast<faiss::HNSW::idx_t>(passage), level, &begin, &end);
  std::vector<std::uint32_t> list(end - begin, kNoNeighbour);
  for (std::size_t i = begin; i < end && graph.neighbors[i] >= 0; ++i) {
    list[i - begin] = static_cast<std::uint32_t>(graph.neighbors[i]);
  }
  return list;
}

void write_links(SegmentWriter& writer, const faiss::HNSW& graph, std::size_t size, std::size_t m) {
  const std::array<std::uint32_t, 3> shape = {static_cast<std::uint32_t>(m),
                                              size == 0 ? kNoNeighbour : static_cast<std::uint32_t>(graph.entry_point),
                                              static_cast<std::uint32_t>(graph.max_level + 1)};
  writer.add_array("graph", std::span<const std::uint32_t>(shape));
  writer.begin("lowest");
  for (std::size_t i = 0; i < size; ++i) append(writer, list_of(graph, i, 0));
  writer.begin("upper");
  std::uint32_t lists = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto own = static_cast<std::uint32_t>(graph.levels[i] - 1);
    const std::uint32_t first = own == 0 ? kNoNeighbour : lists;
    append(writer, std::span(&first, 1));
    lists += own;
  }
  writer.begin("links");
  for (std::size_t i = 0; i < size; ++i) {
    for (int level = 1; level < graph.levels[i]; ++level) append(writer, list_of(graph, i, level));
  }
}

}  // namespace

std::size_t hnsw_bytes_per_passage(std::size_t dimension, const HnswOptions& options) {
  // Codes, links (one passage in m has lists on level 1, and so on), and what faiss keeps beside them.
  return row_stride(dimension) + sizeof(float) + 4 * (2 * options.m + 2) + sizeof(int) + sizeof(std::size_t) +
         sizeof(omp_lock_t) + 1;
}

void check(const HnswOptions& options) {
  if (options.m < 2 || options.m > 256) {
    throw InvalidArgument(fmt::format("hnsw m is {}, must be from 2 to 256", options.m));
  }
  if (options.ef_construction == 0) throw InvalidArgument("hnsw ef_construction is 0, must be at least 1");
}

std::uint64_t write_hnsw_segment(const DenseVectors& vectors, const PassageRun& run, const HnswOptions& options,
                                 const std::filesystem::path& path, std::string_view stamp,
                                 const ProgressCallback& progress) {
  check(options);
  const std::size_t stride = row_stride(vectors.dimension());
  std::vector<std::uint8_t> bytes(run.size * stride, kInt8Zero);
  std::vector<float> scales(run.size);
  std::vector<std::int8_t> codes(vectors.dimension());
  for (std::size_t i = 0; i < run.size; ++i) {
    scales[i] = quantize_int8(vectors.vector(run.begin + i), codes);
    std::ranges::transform(codes, bytes.begin() + static_cast<std::ptrdiff_t>(i * stride),
                           [](std::int8_t code) { return static_cast<std::uint8_t>(code + kInt8Zero); });
  }
  const RowCodes rows{stride, bytes, scales};

  faiss::HNSW graph(static_cast<int>(options.m));
  graph.efConstruction = static_cast<int>(options.ef_construction);
  graph.prepare_level_tab(run.size);
  // The highest levels first, as faiss does it: they have the fewest passages and are what all walks begin with.
  std::vector<std::uint32_t> order(run.size);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{}, [&](std::uint32_t i) { return graph.levels[i]; });
  {
    Locks locks(run.size);
    faiss::VisitedTable visited(static_cast<int>(run.size));
    CodeDistances distances(rows);
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i % kReportPassages == 0) report(progress, {"link", "passages", run.begin + i, vectors.size()});
      distances.set_passage(order[i]);
      graph.add_with_locks(distances, graph.levels[order[i]] - 1, static_cast<int>(order[i]), locks.get(), visited);
    }
  }
  SegmentWriter writer(path, "dense_hnsw", std::string(stamp));
  write_source(writer, vectors, run);
  write_links(writer, graph, run.size, options.m);
  writer.add_array("codes", std::span<const std::uint8_t>(bytes));
  writer.add_array("scales", std::span<const float>(scales));
  return writer.commit();
}

}  // namespace dragoman
