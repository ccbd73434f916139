#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/encode/encoder.h"
#include "dragoman/encode/model_store.h"

namespace {

using dragoman::EncodeAs;
using dragoman::Encoder;
using dragoman::Precision;

// What people ask, in the scripts they ask it in.
const std::vector<std::string_view> kQueries = {
    "how much protein per day",      "wie viel Protein pro Tag",
    "كم غراما من البروتين في اليوم", "每天需要多少蛋白质",
    "प्रतिदिन कितना प्रोटीन चाहिए",    "一日に必要なタンパク質の量",
    "ต้องกินโปรตีนวันละเท่าไร",           "сколько белка нужно в день",
    "protini kiasi gani kwa siku",   "roz kitna protein chahiye bhai",
};
constexpr std::string_view kPassage =
    "Дневная потребность в белке зависит от возраста и веса. As a general guideline, the recommended intake is 46 "
    "grams "
    "for women and 56 grams for men. 蛋白质存在于肉类、鱼类、豆类和坚果中。 प्रोटीन शरीर की मरम्मत करता है। Watu "
    "wanaofanya "
    "mazoezi wanahitaji zaidi. ";

/// The installed default model on one thread, opened once for each precision.
const Encoder& encoder(Precision precision) {
  static std::vector<std::unique_ptr<Encoder>> opened(3);
  auto& slot = opened.at(static_cast<std::size_t>(precision));
  if (!slot) {
    slot = dragoman::open_encoder(dragoman::ModelStore().find("multilingual-e5-small"),
                                  {.threads = 1, .precision = precision});
  }
  return *slot;
}

/// Null where the model is not installed or not run so, and the benchmark then says why.
const Encoder* encoder_or_skip(benchmark::State& state, Precision precision) {
  try {
    const Encoder& found = encoder(precision);
    if (found.precision() == precision) return &found;
    state.SkipWithError("the encoder does not multiply in this precision");
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
  return nullptr;
}

/// One short question at a time: what a search waits for. Median and 95th percentile in milliseconds of wall time.
void encode_query(benchmark::State& state, Precision precision) {
  const Encoder* model = encoder_or_skip(state, precision);
  if (model == nullptr) return;
  std::vector<double> milliseconds;
  std::size_t next = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(model->encode({&kQueries[next++ % kQueries.size()], 1}, EncodeAs::query));
    milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  std::ranges::sort(milliseconds);
  state.counters["median_ms"] = milliseconds[milliseconds.size() / 2];
  state.counters["p95_ms"] = milliseconds[milliseconds.size() * 95 / 100];
}

/// So many texts of about 100 tokens at once.
void encode_passages(benchmark::State& state, Precision precision) {
  const Encoder* model = encoder_or_skip(state, precision);
  if (model == nullptr) return;
  const std::vector<std::string_view> texts(static_cast<std::size_t>(state.range(0)), kPassage);
  std::size_t tokens = 0;
  for (auto _ : state) {
    for (const auto& encoding : model->encode(texts, EncodeAs::passage)) tokens += encoding.tokens_read;
  }
  state.counters["tokens/s"] = benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(encode_query, f32, Precision::f32)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(encode_query, bf16, Precision::bf16)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(encode_query, int8, Precision::int8)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(encode_passages, f32, Precision::f32)->Unit(benchmark::kMillisecond)->Arg(1)->Arg(32);
BENCHMARK_CAPTURE(encode_passages, bf16, Precision::bf16)->Unit(benchmark::kMillisecond)->Arg(1)->Arg(32);
BENCHMARK_CAPTURE(encode_passages, int8, Precision::int8)->Unit(benchmark::kMillisecond)->Arg(1)->Arg(32);

}  // namespace
