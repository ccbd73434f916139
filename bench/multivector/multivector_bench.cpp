// Measures the multivector room on vectors in files, and prints a line of JSON for each step:
//   multivector_bench exact DIR                               MaxSim of all float vectors; writes DIR/gt10.i32
//   multivector_bench build DIR INDEX [OPTION]...             bits=4 centroids=N threads=1 memory=MIB rounds=4 parts=1
//                                                             tolerance=110 (percent)
//   multivector_bench search DIR INDEX ROUNDS RUN|- [OPTION]...   probes=8 full=512 depth=10 threads=1 exhaustive
// DIR holds docs.f32 [vectors, dimension], lens.i32 (vectors of each document), queries.f32 and, unless every query has
// 32, query_lens.i32. gt10.i32 holds the ten best documents of each query, which recall is counted against. RUN gets
// lines of query, document, rank and score. With parts=N the index is N segments, the later ones with the codebooks of
// the earlier where these fit.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clock.h"
#include "dragoman/base/file.h"
#include "dragoman/multivector/multi_vector_index.h"

namespace {

using namespace dragoman;
using namespace dragoman::bench;

constexpr std::string_view kStamp = "bench";
constexpr std::size_t kDepth = 10;
constexpr std::size_t kUsualQueryTokens = 32;

template <class T>
std::span<const T> array_of(const MappedFile& file) {
  return {reinterpret_cast<const T*>(file.bytes().data()), file.bytes().size() / sizeof(T)};
}

std::vector<MatrixView> matrices(std::span<const float> values, std::span<const std::int32_t> lengths) {
  const auto rows = static_cast<std::size_t>(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0}));
  const std::size_t dimension = values.size() / std::max<std::size_t>(rows, 1);
  std::vector<MatrixView> views;
  for (const std::int32_t length : lengths) {
    const auto count = static_cast<std::size_t>(length);
    views.push_back({values.first(count * dimension), count, dimension});
    values = values.subspan(count * dimension);
  }
  return views;
}

struct Data {
  explicit Data(const std::filesystem::path& where)
      : folder(where),
        documents_file(where / "docs.f32"),
        lengths_file(where / "lens.i32"),
        queries_file(where / "queries.f32") {
    documents = matrices(array_of<float>(documents_file), array_of<std::int32_t>(lengths_file));
    const std::size_t dimension = documents.at(0).columns;
    const auto values = array_of<float>(queries_file);
    std::vector<std::int32_t> lengths(values.size() / dimension / kUsualQueryTokens, kUsualQueryTokens);
    if (std::filesystem::exists(folder / "query_lens.i32")) {
      const MappedFile file(folder / "query_lens.i32");
      const auto given = array_of<std::int32_t>(file);
      lengths.assign(given.begin(), given.end());
    }
    queries = matrices(values, lengths);
    for (const MatrixView& document : documents) vectors += document.rows;
  }

  /// Share of the ten best documents that rankings have, or -1 where these are not known.
  double recall(const std::vector<std::vector<MultiVectorMatch>>& rankings) const {
    if (!std::filesystem::exists(folder / "gt10.i32")) return -1;
    const MappedFile file(folder / "gt10.i32");
    const auto best = array_of<std::int32_t>(file);
    std::size_t found = 0;
    for (std::size_t q = 0; q < rankings.size(); ++q) {
      const auto of_query = best.subspan(q * kDepth, kDepth);
      for (std::size_t i = 0; i < std::min(kDepth, rankings[q].size()); ++i) {
        found += std::ranges::count(of_query, static_cast<std::int32_t>(rankings[q][i].passage.document));
      }
    }
    return static_cast<double>(found) / static_cast<double>(best.size());
  }

  std::filesystem::path folder;
  MappedFile documents_file, lengths_file, queries_file;
  std::vector<MatrixView> documents, queries;
  std::size_t vectors = 0;
};

class Options {
 public:
  explicit Options(std::span<const std::string> arguments) {
    for (const std::string& argument : arguments) {
      const std::size_t equals = argument.find('=');
      given_[argument.substr(0, equals)] = equals == std::string::npos ? 1 : std::stoul(argument.substr(equals + 1));
    }
  }
  std::size_t get(const std::string& name, std::size_t otherwise) const {
    const auto found = given_.find(name);
    return found == given_.end() ? otherwise : found->second;
  }

 private:
  std::map<std::string, std::size_t> given_;
};

/// Times of queries: for each the best of the rounds.
struct Times {
  std::vector<double> seconds;

  double quantile(double q) {
    std::ranges::sort(seconds);
    return 1e3 *
           seconds.at(std::min(seconds.size() - 1, static_cast<std::size_t>(q * static_cast<double>(seconds.size()))));
  }
};

int exact(const Data& data) {
  std::vector<std::int32_t> best;
  Times times;
  const double cpu = cpu_seconds();
  for (const MatrixView& query : data.queries) {
    const auto begin = Clock::now();
    const auto scores = max_sims(query, data.documents);
    std::vector<std::int32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    const std::size_t depth = std::min(kDepth, order.size());
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(depth), [&](auto a, auto b) {
      const float left = scores[static_cast<std::size_t>(a)], right = scores[static_cast<std::size_t>(b)];
      return left != right ? left > right : a < b;
    });
    times.seconds.push_back(seconds_since(begin));
    order.resize(kDepth, -1);
    best.insert(best.end(), order.begin(), order.end());
  }
  const double cpu_ms = 1e3 * (cpu_seconds() - cpu) / static_cast<double>(data.queries.size());
  AtomicFile file(data.folder / "gt10.i32");
  file.write(std::as_bytes(std::span(best)));
  file.commit();
  fmt::print(R"({{"engine": "dragoman exact MaxSim", "op": "search", "docs": {}, "tokens": {}, "threads": 1, )"
             R"("ms_p50": {:.2f}, "ms_p99": {:.2f}, "ms_cpu_mean": {:.2f}}})"
             "\n",
             data.documents.size(), data.vectors, times.quantile(0.5), times.quantile(0.99), cpu_ms);
  return 0;
}

int build(const Data& data, const std::filesystem::path& index, const Options& options) {
  std::filesystem::remove_all(index);
  make_folder(index);
  MultiVectorBuildOptions build;
  build.bits = static_cast<unsigned>(options.get("bits", 4));
  build.centroids = options.get("centroids", 0);
  build.threads = options.get("threads", 1);
  build.rounds = static_cast<unsigned>(options.get("rounds", build.rounds));
  build.memory_bytes = options.get("memory", build.memory_bytes >> 20) << 20;
  build.training_vectors = options.get("training", build.training_vectors);
  build.codebook_tolerance = static_cast<float>(options.get("tolerance", 110)) / 100;
  const std::size_t parts = options.get("parts", 1);
  const auto begin = Clock::now();
  const double cpu = cpu_seconds();
  std::uint64_t bytes = 0;
  std::set<std::uint64_t> codebooks;
  for (std::size_t part = 0; part < parts; ++part) {
    MultiVectorSegmentBuilder builder(data.documents.at(0).columns, build);
    for (std::size_t i = data.documents.size() * part / parts; i < data.documents.size() * (part + 1) / parts; ++i) {
      builder.add({static_cast<DocumentNumber>(i), {}}, data.documents[i].values);
    }
    const auto path = index / fmt::format("{:04}.multivector", part);
    bytes += builder.write(path, kStamp);
    build.earlier.push_back(std::make_shared<const MultiVectorSegment>(path, kStamp));
    codebooks.insert(build.earlier.back()->codebook_id());
  }
  fmt::print(R"({{"engine": "dragoman", "op": "build", "nbits": {}, "threads": {}, "centroids": {}, "segments": {}, )"
             R"("codebooks": {}, "wall_s": {:.2f}, "cpu_s": {:.2f}, "bytes": {}, "bytes_per_vector": {:.1f}}})"
             "\n",
             build.bits, build.threads, build.earlier.front()->centroid_count(), parts, codebooks.size(),
             seconds_since(begin), cpu_seconds() - cpu, bytes,
             static_cast<double>(bytes) / static_cast<double>(data.vectors));
  return 0;
}

int search(const Data& data, const std::filesystem::path& folder, int rounds, const std::string& run,
           const Options& given) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::shared_ptr<const MultiVectorSegment>> segments;
  for (const auto& path : paths) segments.push_back(std::make_shared<const MultiVectorSegment>(path, kStamp));
  const MultiVectorIndex index(segments);
  MultiVectorOptions options;
  options.probes = given.get("probes", options.probes);
  options.full_scores = given.get("full", options.full_scores);
  if (given.get("exhaustive", 0) != 0) options.method = MultiVectorMethod::exhaustive;
  const std::size_t threads = given.get("threads", 1), depth = given.get("depth", kDepth), count = data.queries.size();

  Times times{std::vector<double>(count, 1e9)};
  std::vector<std::vector<MultiVectorMatch>> rankings(count);
  double cpu_ms = 1e9, batch_ms = 1e9;
  for (int round = 0; round < rounds; ++round) {
    const double cpu = cpu_seconds();
    for (std::size_t q = 0; q < count; ++q) {
      const auto begin = Clock::now();
      rankings[q] = index.search(std::span(&data.queries[q], 1), depth, options, {}, 1).at(0);
      times.seconds[q] = std::min(times.seconds[q], seconds_since(begin));
    }
    cpu_ms = std::min(cpu_ms, 1e3 * (cpu_seconds() - cpu) / static_cast<double>(count));
    const auto begin = Clock::now();
    index.search(data.queries, depth, options, {}, threads);
    batch_ms = std::min(batch_ms, 1e3 * seconds_since(begin) / static_cast<double>(count));
  }
  const double recall = data.recall(rankings), p99 = times.quantile(0.99), p50 = times.quantile(0.5);
  fmt::print(
      R"({{"engine": "dragoman", "op": "search", "nbits": {}, "threads": {}, "method": "{}", "n_ivf_probe": {}, )"
      R"("n_full_scores": {}, "recall10": {:.4f}, "ms_p50": {:.3f}, "ms_p99": {:.3f}, "ms_cpu_mean": {:.3f}, )"
      R"("ms_batch_mean": {:.3f}}})"
      "\n",
      segments.at(0)->bits(), threads, options.method == MultiVectorMethod::exhaustive ? "exhaustive" : "pruned",
      options.probes, options.full_scores, recall, p50, p99, cpu_ms, batch_ms);
  if (run != "-") {
    std::ofstream out(run);
    for (std::size_t q = 0; q < count; ++q) {
      for (std::size_t i = 0; i < rankings[q].size(); ++i) {
        out << fmt::format("{} {} {} {}\n", q, rankings[q][i].passage.document, i + 1, rankings[q][i].score);
      }
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto rest = [&](std::size_t from) { return Options(std::span(arguments).subspan(from)); };
  try {
    if (arguments.size() == 2 && arguments[0] == "exact") return exact(Data(arguments[1]));
    if (arguments.size() >= 3 && arguments[0] == "build") return build(Data(arguments[1]), arguments[2], rest(3));
    if (arguments.size() >= 5 && arguments[0] == "search") {
      return search(Data(arguments[1]), arguments[2], std::stoi(arguments[3]), arguments[4], rest(5));
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "multivector_bench: {}\n", error.what());
    return 1;
  }
  fmt::print(stderr,
             "usage: multivector_bench exact DIR\n"
             "       multivector_bench build DIR INDEX [bits=4] [centroids=N] [threads=1] [memory=MIB] [parts=1]\n"
             "       multivector_bench search DIR INDEX ROUNDS RUN|- [probes=8] [full=512] [depth=10] [threads=1] "
             "[exhaustive]\n");
  return 2;
}
