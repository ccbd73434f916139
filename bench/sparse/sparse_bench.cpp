// Measures the sparse room on vectors in NumPy's files, and prints the JSON lines that the programs for others have:
//   sparse_bench build DIR [OPTION]...            DIR/docs.{indptr,indices,data}.npy become DIR/dragoman.seg
//   sparse_bench search DIR ROUNDS [OPTION]...    DIR/queries.{indptr,indices,data}.npy; recall by DIR/gt.npy
// build options: bisection (documents in the order of recursive graph bisection)
// search options: exhaustive, approximate, postings=N, full_scores=N, k=N
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clock.h"
#include "dragoman/base/file.h"
#include "dragoman/sparse/sparse_index.h"

namespace {

using namespace dragoman;
using namespace dragoman::bench;

constexpr std::string_view kStamp = "bench";

[[noreturn]] void fail(const std::string& what) {
  fmt::print(stderr, "sparse_bench: {}\n", what);
  std::exit(1);
}

/// The numbers of an array of NumPy's, whatever its shape; integers of 4 or 8 bytes, or floats of 4.
template <class T>
std::vector<T> read_npy(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  if (!bytes.starts_with("\x93NUMPY\x01") || bytes.size() < 10) fail(path.string() + ": no array of version 1");
  const auto header = std::size_t{static_cast<unsigned char>(bytes[8])} | static_cast<unsigned char>(bytes[9]) << 8;
  const std::string_view text = std::string_view(bytes).substr(10, header);
  const std::string_view body = std::string_view(bytes).substr(10 + header);
  const auto as = [&]<class Stored>(Stored) {
    std::vector<T> values(body.size() / sizeof(Stored));
    for (std::size_t i = 0; i < values.size(); ++i) {
      Stored stored;
      std::memcpy(&stored, body.data() + i * sizeof stored, sizeof stored);
      values[i] = static_cast<T>(stored);
    }
    return values;
  };
  if (text.find("'<i8'") != text.npos) return as(std::int64_t{});
  if (text.find("'<i4'") != text.npos) return as(std::int32_t{});
  if (text.find("'<f4'") != text.npos) return as(float{});
  fail(path.string() + ": neither i4, i8 nor f4");
}

struct Vectors {
  explicit Vectors(const std::filesystem::path& stem) : starts(read_npy<std::uint64_t>(stem.string() + ".indptr.npy")) {
    const auto indices = read_npy<std::uint32_t>(stem.string() + ".indices.npy");
    const auto data = read_npy<float>(stem.string() + ".data.npy");
    if (starts.empty() || starts.back() != indices.size() || indices.size() != data.size()) {
      fail(stem.string() + ": its arrays contradict one another");
    }
    for (std::size_t i = 0; i < indices.size(); ++i) weights.push_back({indices[i], data[i]});
  }
  std::size_t size() const { return starts.size() - 1; }
  std::span<const SparseWeight> operator[](std::size_t i) const {
    return std::span(weights).subspan(starts[i], starts[i + 1] - starts[i]);
  }

  std::vector<std::uint64_t> starts;
  std::vector<SparseWeight> weights;
};

bool has(const std::vector<std::string>& options, std::string_view name) {
  return std::ranges::find(options, name) != options.end();
}

double number_of(const std::vector<std::string>& options, std::string_view name, double otherwise) {
  for (const std::string& option : options) {
    if (option.starts_with(name) && option[name.size()] == '=')
      return std::strtod(option.c_str() + name.size() + 1, nullptr);
  }
  return otherwise;
}

void build(const std::filesystem::path& folder, const std::vector<std::string>& options) {
  const Vectors documents(folder / "docs");
  fmt::print("{{\"op\": \"ready\"}}\n");  // Whoever watches this process's memory counts from here.
  std::fflush(stdout);
  const auto began = Clock::now();
  const double cpu = cpu_seconds();
  float scale = 0;
  for (const SparseWeight& weight : documents.weights) scale = std::max(scale, weight.weight);
  LexicalBuildOptions lexical{.threads = 1};
  if (has(options, "bisection")) lexical.order = DocumentOrder::bisection;
  SparseSegmentBuilder builder(scale, lexical);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    builder.add({static_cast<DocumentNumber>(i), {0, 0}}, documents[i]);
  }
  const std::uint64_t bytes = builder.write(folder / "dragoman.seg", kStamp);
  fmt::print(R"({{"engine": "dragoman", "op": "build", "docs": {}, "wall_s": {:.2f}, "cpu_s": {:.2f}, "bytes": {}, )"
             R"("peak_mb": {}}})"
             "\n",
             documents.size(), seconds_since(began), cpu_seconds() - cpu, bytes, peak_kilobytes() / 1024);
}

void search(const std::filesystem::path& folder, int rounds, const std::vector<std::string>& options) {
  const Vectors queries(folder / "queries");
  const auto truth = read_npy<std::uint32_t>(folder / "gt.npy");
  const auto k = static_cast<std::size_t>(number_of(options, "k", 10));
  const std::size_t depth = truth.size() / queries.size();
  const SparseIndex index({std::make_shared<const SparseSegment>(folder / "dragoman.seg", kStamp, 0)});
  SparseOptions how{.weighting = SparseWeighting::plain};
  if (has(options, "exhaustive")) how.method = SparseMethod::exhaustive;
  if (has(options, "approximate")) how.method = SparseMethod::approximate;
  how.postings = static_cast<std::size_t>(number_of(options, "postings", static_cast<double>(how.postings)));
  how.full_scores = static_cast<std::size_t>(number_of(options, "full_scores", static_cast<double>(how.full_scores)));
  const double cpu_before = cpu_seconds();
  index.search(queries[0], k, how);  // What the first search makes is not measured with the others.
  const double first_s = cpu_seconds() - cpu_before;

  std::vector<double> best(queries.size(), 1e9);
  double best_wall = 1e9, best_cpu = 1e9;
  std::size_t found = 0;
  for (int round = 0; round < rounds; ++round) {
    double wall = 0;
    found = 0;
    const double cpu = cpu_seconds();
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const auto began = Clock::now();
      const auto matches = index.search(queries[q], k, how);
      const double seconds = seconds_since(began);
      wall += seconds;
      best[q] = std::min(best[q], seconds);
      const std::set<std::uint32_t> right(truth.begin() + static_cast<std::ptrdiff_t>(q * depth),
                                          truth.begin() + static_cast<std::ptrdiff_t>((q + 1) * depth));
      for (std::size_t i = 0; i < std::min(matches.size(), depth); ++i)
        found += right.contains(matches[i].passage.document);
    }
    best_wall = std::min(best_wall, wall);
    best_cpu = std::min(best_cpu, cpu_seconds() - cpu);
  }
  std::ranges::sort(best);
  const auto n = static_cast<double>(queries.size());
  std::string settings;
  for (const std::string& option : options) settings += (settings.empty() ? "" : " ") + option;
  fmt::print(
      R"({{"engine": "dragoman", "op": "search", "k": {}, "recall10": {:.4f}, "qps_1t": {:.0f}, )"
      R"("qps_1t_cpu": {:.0f}, "p50_us": {:.0f}, "p99_us": {:.0f}, "first_cpu_s": {:.2f}, "peak_mb": {}, "settings": "{}"}})"
      "\n",
      k, static_cast<double>(found) / n / static_cast<double>(depth), n / best_wall, n / best_cpu,
      1e6 * best[(best.size() - 1) / 2], 1e6 * best[(best.size() - 1) * 99 / 100], first_s, peak_kilobytes() / 1024,
      settings);
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  try {
    if (arguments.size() >= 2 && arguments[0] == "build") {
      build(arguments[1], {arguments.begin() + 2, arguments.end()});
    } else if (arguments.size() >= 3 && arguments[0] == "search") {
      search(arguments[1], std::max(1, std::atoi(arguments[2].c_str())), {arguments.begin() + 3, arguments.end()});
    } else {
      fail("usage: sparse_bench build DIR [OPTION]... | search DIR ROUNDS [OPTION]...");
    }
  } catch (const std::exception& error) {
    fail(error.what());
  }
}
