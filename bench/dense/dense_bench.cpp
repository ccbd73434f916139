// Measures the dense room on the vectors of a folder, and prints the lines of JSON that the scripts for other libraries
// print:
//   dense_bench DIR WHAT [n=200000] [d=384] [nq=1000] [runs=3] [depth=10] [filter=1] ...
// DIR holds base.f32, query.f32 and gt10.i32 (the ten best of each query). WHAT: flat-f32, flat-bf16, flat-int8,
// hnsw (m=32 efc=100 ef=16,32,64,128,256), ivfpq (lists=0 nprobe=4,16,64).
// filter=P: only one passage in a hundred times P may be found; recall is then against an exact search's.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "clock.h"
#include "dragoman/base/file.h"
#include "dragoman/dense/dense_index.h"

namespace {

using namespace dragoman;
using namespace dragoman::bench;

constexpr std::string_view kStamp = "bench";
constexpr std::size_t kTop = 10;

struct Arguments {
  std::filesystem::path folder;
  std::string what;
  std::map<std::string, std::string> named = {{"n", "200000"}, {"d", "384"},         {"nq", "1000"},
                                              {"runs", "3"},   {"depth", "10"},      {"filter", "100"},
                                              {"m", "32"},     {"efc", "100"},       {"ef", "16,32,64,128,256"},
                                              {"lists", "0"},  {"nprobe", "4,16,64"}};
  std::size_t number(const std::string& name) const { return std::stoul(named.at(name)); }
  std::vector<std::size_t> numbers(const std::string& name) const {
    std::vector<std::size_t> all;
    std::istringstream list(named.at(name));
    for (std::string part; std::getline(list, part, ',');) all.push_back(std::stoul(part));
    return all;
  }
};

template <class T>
std::span<const T> values_of(const MappedFile& file, std::size_t count) {
  const std::size_t all = file.bytes().size() / sizeof(T);
  return {reinterpret_cast<const T*>(file.bytes().data()), std::min(all, count)};
}

/// What all operating points are measured with.
struct Bench {
  Arguments arguments;
  std::size_t n, d, nq, runs, depth;
  MappedFile base_file, query_file;
  std::span<const float> base, queries;
  std::vector<std::uint8_t> allowed;
  std::vector<std::vector<DocumentNumber>> truth;

  explicit Bench(const Arguments& given)
      : arguments(given),
        n(given.number("n")),
        d(given.number("d")),
        nq(given.number("nq")),
        runs(given.number("runs")),
        depth(given.number("depth")),
        base_file(given.folder / "base.f32"),
        query_file(given.folder / "query.f32"),
        base(values_of<float>(base_file, n * d)),
        queries(values_of<float>(query_file, nq * d)) {
    n = base.size() / d;
    nq = queries.size() / d;
    const std::size_t percent = given.number("filter");
    if (percent < 100) {
      allowed.resize(n);
      for (std::size_t i = 0; i < n; ++i) allowed[i] = i * 2654435761u % 100 < percent;
    }
  }

  std::span<const float> query(std::size_t q) const { return queries.subspan(q * d, d); }

  double recall(const std::vector<std::vector<DenseMatch>>& found) const {
    double hits = 0, all = 0;
    for (std::size_t q = 0; q < found.size(); ++q) {
      all += static_cast<double>(std::min(truth[q].size(), kTop));
      for (std::size_t i = 0; i < std::min(kTop, found[q].size()); ++i) {
        hits += std::ranges::find(truth[q], found[q][i].passage.document) != truth[q].end() ? 1 : 0;
      }
    }
    return hits / all;
  }
};

using Search = std::function<std::vector<std::vector<DenseMatch>>(std::span<const float> queries, std::size_t threads)>;

std::vector<std::vector<DocumentNumber>> documents_of(const std::vector<std::vector<DenseMatch>>& found) {
  std::vector<std::vector<DocumentNumber>> documents;
  for (const auto& matches : found) {
    auto& some = documents.emplace_back();
    for (std::size_t i = 0; i < std::min(kTop, matches.size()); ++i) some.push_back(matches[i].passage.document);
  }
  return documents;
}

void measure(const Bench& bench, const std::string& name, const std::string& more, const Search& search) {
  std::vector<double> best(bench.nq, 1e9);
  std::vector<std::vector<DenseMatch>> found(bench.nq);
  double wall = 1e9, cpu = 1e9, batch_wall = 1e9, batch_cpu = 1e9;
  for (std::size_t run = 0; run < bench.runs; ++run) {
    double wall_sum = 0, cpu_sum = 0;
    for (std::size_t q = 0; q < bench.nq; ++q) {
      const double cpu_begin = cpu_seconds();
      const auto begin = Clock::now();
      found[q] = std::move(search(bench.query(q), 1)[0]);
      const double seconds = seconds_since(begin);
      cpu_sum += cpu_seconds() - cpu_begin;
      wall_sum += seconds;
      best[q] = std::min(best[q], seconds);
    }
    wall = std::min(wall, wall_sum), cpu = std::min(cpu, cpu_sum);
  }
  for (std::size_t run = 0; run < bench.runs; ++run) {
    const double cpu_begin = cpu_seconds();
    const auto begin = Clock::now();
    search(bench.queries, 2);
    batch_wall = std::min(batch_wall, seconds_since(begin));
    batch_cpu = std::min(batch_cpu, cpu_seconds() - cpu_begin);
  }
  std::ranges::sort(best);
  const double count = static_cast<double>(bench.nq);
  const auto micros = [&](double share) {
    return best[static_cast<std::size_t>(static_cast<double>(bench.nq - 1) * share)] * 1e6;
  };
  fmt::print(
      "{{\"engine\": \"dragoman {}\", \"op\": \"search\", \"n\": {}, \"recall10\": {:.4f}, \"qps_1t\": {:.1f}, "
      "\"qps_1t_cpu\": {:.1f}, \"p50_us\": {:.0f}, \"p99_us\": {:.0f}, \"qps_2t_batch\": {:.1f}, "
      "\"qps_batch_per_cpu_s\": {:.1f}{}}}\n",
      name, bench.n, bench.recall(found), count / wall, count / cpu, micros(0.5), micros(0.99), count / batch_wall,
      count / batch_cpu, more);
  std::fflush(stdout);
}

/// Calls `build`, which returns bytes, and prints what it took.
void build(const Bench& bench, const std::string& name, const std::function<std::uint64_t()>& make) {
  const double cpu_begin = cpu_seconds();
  const auto begin = Clock::now();
  const std::uint64_t bytes = make();
  fmt::print(
      "{{\"engine\": \"dragoman {}\", \"op\": \"build\", \"n\": {}, \"wall_s\": {:.2f}, \"cpu_s\": {:.2f}, "
      "\"bytes\": {}, \"bytes_per_vector\": {:.1f}}}\n",
      name, bench.n, seconds_since(begin), cpu_seconds() - cpu_begin, bytes,
      static_cast<double>(bytes) / static_cast<double>(bench.n));
  std::fflush(stdout);
}

/// How fast this thread reads memory: the sum of as many bytes as a search reads, over and over.
void measure_memory(std::size_t bytes) {
  const std::size_t words = bytes / 8 / 32 * 32;
  std::vector<std::uint64_t> memory(words, 1);
  double best = 1e9;
  std::uint64_t all = 0;
  for (int run = 0; run < 20; ++run) {
    const double begin = cpu_seconds();
    std::uint64_t sums[32] = {};
    for (std::size_t i = 0; i < words; i += 32) {
      for (std::size_t lane = 0; lane < 32; ++lane) sums[lane] += memory[i + lane];
    }
    best = std::min(best, cpu_seconds() - begin);
    all += std::accumulate(sums, sums + 32, std::uint64_t{0});
  }
  if (all != words * 20) std::abort();
  fmt::print("{{\"engine\": \"memory\", \"op\": \"read\", \"bytes\": {}, \"cpu_us\": {:.0f}, \"gb_per_s\": {:.1f}}}\n",
             words * 8, best * 1e6, static_cast<double>(words * 8) / best / 1e9);
  std::fflush(stdout);
}

/// The base vectors as an indexer would leave them: a document each.
std::shared_ptr<const DenseVectors> stored_vectors(const Bench& bench) {
  const auto path = bench.arguments.folder / "dense_bench.vectors";
  DenseSegmentBuilder builder(bench.d);
  for (std::size_t i = 0; i < bench.n; ++i) {
    builder.add({static_cast<DocumentNumber>(i), {0, 1}}, bench.base.subspan(i * bench.d, bench.d));
  }
  builder.write(path, kStamp);
  return std::make_shared<const DenseVectors>(
      std::vector<std::shared_ptr<const DenseSegment>>{std::make_shared<const DenseSegment>(path, kStamp)});
}

void bench_flat(Bench& bench, const std::shared_ptr<const DenseVectors>& vectors, DenseStorage storage) {
  const auto path = bench.arguments.folder / "dense_bench.codes";
  std::vector<std::shared_ptr<const CompactSegment>> compact;
  const std::string name = fmt::format("flat {}", name_of(storage));
  if (storage != DenseStorage::f32) {
    const PassageRun run = run_of_documents(*vectors, 0, static_cast<DocumentNumber>(bench.n));
    build(bench, name, [&] { return write_compact_segment(*vectors, run, storage, path, kStamp); });
    compact.push_back(std::make_shared<const CompactSegment>(path, kStamp, *vectors, storage));
  }
  const FlatIndex index(vectors, compact);
  measure(bench, name, "", [&](std::span<const float> queries, std::size_t threads) {
    return index.search(queries, bench.d, bench.depth, bench.allowed, threads);
  });
  std::filesystem::remove(path);
}

void bench_hnsw(const Bench& bench, const std::shared_ptr<const DenseVectors>& vectors) {
  const auto path = bench.arguments.folder / "dense_bench.graph";
  const HnswOptions options{bench.arguments.number("m"), bench.arguments.number("efc")};
  const std::string name = fmt::format("hnsw m{}", options.m);
  const PassageRun run = run_of_documents(*vectors, 0, static_cast<DocumentNumber>(bench.n));
  build(bench, name, [&] { return write_hnsw_segment(*vectors, run, options, path, kStamp); });
  const DenseIndex index({vectors, {}, {std::make_shared<const HnswSegment>(path, kStamp, *vectors)}});
  for (const std::size_t ef : bench.arguments.numbers("ef")) {
    const DenseSearchOptions search{.ef = ef};
    measure(bench, name, fmt::format(", \"ef\": {}", ef), [&](std::span<const float> queries, std::size_t threads) {
      return index.search(queries, bench.d, bench.depth, bench.allowed, search, threads);
    });
  }
  std::filesystem::remove(path);
}

void bench_ivf_pq(const Bench& bench, const std::shared_ptr<const DenseVectors>& vectors) {
  const auto path = bench.arguments.folder / "dense_bench.lists";
  const PassageRun run = run_of_documents(*vectors, 0, static_cast<DocumentNumber>(bench.n));
  const IvfPqOptions options{bench.arguments.number("lists")};
  build(bench, "ivfpq", [&] { return write_ivf_pq_segment(*vectors, run, options, path, kStamp, 1); });
  const auto lists = std::make_shared<const IvfPqSegment>(path, kStamp, *vectors);
  const DenseIndex index({.vectors = vectors, .lists = {lists}});
  for (const std::size_t nprobe : bench.arguments.numbers("nprobe")) {
    const DenseSearchOptions search{.nprobe = nprobe};
    measure(bench, fmt::format("ivfpq {} lists", lists->lists()), fmt::format(", \"nprobe\": {}", nprobe),
            [&](std::span<const float> queries, std::size_t threads) {
              return index.search(queries, bench.d, bench.depth, bench.allowed, search, threads);
            });
  }
  std::filesystem::remove(path);
}

int run(const Arguments& arguments) {
  Bench bench(arguments);
  const auto vectors = stored_vectors(bench);
  bench.truth = documents_of(FlatIndex(vectors, {}).search(bench.queries, bench.d, kTop, bench.allowed, 2));
  if (bench.allowed.empty()) {
    const MappedFile file(arguments.folder / "gt10.i32");
    const auto given = values_of<std::int32_t>(file, bench.nq * kTop);
    std::vector<std::vector<DocumentNumber>> truth(bench.nq);
    for (std::size_t i = 0; i < given.size(); ++i) truth[i / kTop].push_back(static_cast<DocumentNumber>(given[i]));
    if (vectors->size() * bench.d == bench.base_file.bytes().size() / sizeof(float)) bench.truth = truth;
  }
  measure_memory(bench.n * bench.d * (arguments.what == "flat-f32" ? 4 : arguments.what == "flat-bf16" ? 2 : 1));
  if (arguments.what.starts_with("flat-")) bench_flat(bench, vectors, parse_dense_storage(arguments.what.substr(5)));
  if (arguments.what == "ivfpq") bench_ivf_pq(bench, vectors);
  if (arguments.what == "hnsw") bench_hnsw(bench, vectors);
  std::filesystem::remove(arguments.folder / "dense_bench.vectors");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::size_t equals = argument.find('=');
    if (equals != std::string::npos) {
      arguments.named[argument.substr(0, equals)] = argument.substr(equals + 1);
    } else if (arguments.folder.empty()) {
      arguments.folder = argument;
    } else {
      arguments.what = argument;
    }
  }
  if (arguments.what.empty()) {
    fmt::print(stderr, "usage: dense_bench DIR WHAT [NAME=VALUE]...\n");
    return 2;
  }
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "dense_bench: {}\n", error.what());
    return 1;
  }
}
