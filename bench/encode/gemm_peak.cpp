// How fast one core multiplies matrices with oneDNN: the encoder's largest, 2048 x 384 by 384 x 1536, weights packed as
// oneDNN likes them, best of several repetitions by CPU time. Prints GFLOP/s (GOP/s) by the arithmetic as JSON.
//
//   OMP_NUM_THREADS=1 gemm_peak
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <dnnl.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

using Type = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;
constexpr dnnl::memory::dim kRows = 2048, kInner = 384, kColumns = 1536;
constexpr int kRepetitions = 15, kRuns = 8;

double user_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec) + 1e-6 * static_cast<double>(used.ru_utime.tv_usec);
}

double gflops(Type source, Type weights, Type destination) {
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const dnnl::memory::desc a({kRows, kInner}, source, Tag::ab), b({kInner, kColumns}, weights, Tag::any),
      c({kRows, kColumns}, destination, Tag::ab);
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::matmul::primitive_desc description(engine, a, b, c);
#else
  const dnnl::matmul::primitive_desc description(dnnl::matmul::desc(a, b, c), engine);
#endif
  const dnnl::matmul matmul(description);
  // Small numbers, none of them denormal.
  std::vector<float> values(static_cast<std::size_t>(std::max(kRows, kColumns) * kInner));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7) + 1;
  const auto filled = [&](const dnnl::memory::desc& wanted, dnnl::memory::dims shape) {
    dnnl::memory plain({std::move(shape), Type::f32, Tag::ab}, engine, values.data()), packed(wanted, engine);
    dnnl::reorder(plain, packed).execute(stream, plain, packed);
    stream.wait();
    return packed;
  };
  const dnnl::memory source_memory = filled(description.src_desc(), {kRows, kInner});
  const dnnl::memory weights_memory = filled(description.weights_desc(), {kInner, kColumns});
  const dnnl::memory destination_memory(description.dst_desc(), engine);
  double best = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    const double begin = user_seconds();
    for (int run = 0; run < kRuns; ++run) {
      matmul.execute(
          stream,
          {{DNNL_ARG_SRC, source_memory}, {DNNL_ARG_WEIGHTS, weights_memory}, {DNNL_ARG_DST, destination_memory}});
    }
    stream.wait();
    const double operations = 2.0 * kRuns * kRows * kInner * kColumns;
    if (repetition > 0) best = std::max(best, operations / (user_seconds() - begin) / 1e9);
  }
  return best;
}

/// 0 where this processor, or oneDNN on it, does not multiply so.
double gflops_or_zero(Type source, Type weights, Type destination) {
  try {
    return gflops(source, weights, destination);
  } catch (const dnnl::error&) {
    return 0;
  }
}

}  // namespace

int main() {
  const auto* version = dnnl_version();
  const nlohmann::ordered_json result = {
      {"onednn",
       std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch)},
      {"f32", gflops_or_zero(Type::f32, Type::f32, Type::f32)},
      {"bf16", gflops_or_zero(Type::bf16, Type::bf16, Type::f32)},
      {"s8s8", gflops_or_zero(Type::s8, Type::s8, Type::s32)},
      {"u8s8", gflops_or_zero(Type::u8, Type::s8, Type::s32)},
  };
  std::puts(result.dump().c_str());
}
