// What opening a collection and reading a corpus cost a byte: the checksum over every mapped segment, the hash over a
// model file, and the UTF-8 check over every line.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"

namespace {

// Two, three and four bytes a character, as most of the world writes.
std::string mixed_text(std::size_t bytes) {
  const std::string sentence = "Где библиотека? 図書館はどこですか。 पुस्तकालय कहाँ है? Where is the library? 📚 ";
  std::string text;
  while (text.size() + sentence.size() <= bytes) text += sentence;
  return text;
}

void count_bytes(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void checksum(benchmark::State& state) {
  const std::string text = mixed_text(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(dragoman::checksum(text));
  count_bytes(state, text);
}
BENCHMARK(checksum)->Arg(1 << 10)->Arg(1 << 20);

void sha256(benchmark::State& state) {
  const std::string text = mixed_text(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(dragoman::sha256(text));
  count_bytes(state, text);
}
BENCHMARK(sha256)->Arg(1 << 10)->Arg(1 << 20);

void find_invalid_utf8(benchmark::State& state) {
  const std::string text = mixed_text(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(dragoman::find_invalid_utf8(text));
  count_bytes(state, text);
}
BENCHMARK(find_invalid_utf8)->Arg(1 << 10)->Arg(1 << 20);

}  // namespace
