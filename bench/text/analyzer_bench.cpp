// Words a second of the index analyser, by how the language is segmented: white space, characters of two bytes, and the
// dictionaries that Thai, Chinese and Japanese need.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "dragoman/text/analyzer.h"

namespace {

void analyze(benchmark::State& state, std::string_view sentence) {
  std::string text;
  while (text.size() < 4096) text += sentence;
  const dragoman::Analyzer analyzer;
  std::size_t words = 0;
  for (auto _ : state) words += analyzer.analyze(text).size();
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(words));
}

BENCHMARK_CAPTURE(analyze, english, "The library opens at nine and closes after sunset. ");
BENCHMARK_CAPTURE(analyze, russian, "Библиотека открывается в девять и закрывается после заката. ");
BENCHMARK_CAPTURE(analyze, arabic, "تفتح المكتبة في التاسعة وتغلق بعد غروب الشمس. ");
BENCHMARK_CAPTURE(analyze, hindi, "पुस्तकालय नौ बजे खुलता है और सूर्यास्त के बाद बंद होता है। ");
BENCHMARK_CAPTURE(analyze, thai, "ห้องสมุดเปิดเวลาเก้าโมงและปิดหลังพระอาทิตย์ตก ");
BENCHMARK_CAPTURE(analyze, chinese, "图书馆九点开门，日落之后关门。");
BENCHMARK_CAPTURE(analyze, japanese, "図書館は九時に開き、日没後に閉まります。");

}  // namespace
