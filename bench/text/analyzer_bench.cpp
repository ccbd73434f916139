// Megabytes and words a second of the analysers, by how the language is written: ASCII, other alphabets, marks, the
// dictionaries that Thai needs, characters. DRAGOMAN_BENCH_TEXTS names a folder of ntrex files (deu.txt.gz ...) to read
// real news; without it a sentence is repeated, whose words are all remembered.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dragoman/base/file.h"
#include "dragoman/text/analyzer.h"

namespace {

std::string text_of(const char* code, std::string_view sentence) {
  std::string text;
  if (const char* folder = std::getenv("DRAGOMAN_BENCH_TEXTS"); folder != nullptr) {
    dragoman::LineReader lines(std::string(folder) + "/" + code + ".txt.gz");
    for (std::string_view line; lines.next(line);) text.append(line).append("\n");
  } else {
    while (text.size() < 4096) text += sentence;
  }
  return text;
}

void analyze(benchmark::State& state, const char* analyzer_name, const char* code, std::string_view sentence) {
  const std::string text = text_of(code, sentence);
  const dragoman::Analyzer analyzer(analyzer_name);
  const auto language = dragoman::Language::parse(code);
  std::size_t words = 0;
  for (auto _ : state) words += analyzer.analyze(text, language).size();
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(words));
}

#define DRAGOMAN_ANALYZE(language, code, sentence)                   \
  BENCHMARK_CAPTURE(analyze, language##_icu, "icu", code, sentence); \
  BENCHMARK_CAPTURE(analyze, language##_multilingual, "multilingual", code, sentence)

DRAGOMAN_ANALYZE(english, "eng", "The library opens at nine and closes after sunset. ");
DRAGOMAN_ANALYZE(german, "deu", "Die Bücherei öffnet um neun und schließt nach Sonnenuntergang. ");
DRAGOMAN_ANALYZE(turkish, "tur", "Kütüphane dokuzda açılır ve gün batımından sonra kapanır. ");
DRAGOMAN_ANALYZE(vietnamese, "vie", "Thư viện mở cửa lúc chín giờ và đóng cửa sau khi mặt trời lặn. ");
DRAGOMAN_ANALYZE(russian, "rus", "Библиотека открывается в девять и закрывается после заката. ");
DRAGOMAN_ANALYZE(arabic, "arb", "تفتح المكتبة في التاسعة وتغلق بعد غروب الشمس. ");
DRAGOMAN_ANALYZE(hindi, "hin", "पुस्तकालय नौ बजे खुलता है और सूर्यास्त के बाद बंद होता है। ");
DRAGOMAN_ANALYZE(bengali, "ben", "গ্রন্থাগার নয়টায় খোলে এবং সূর্যাস্তের পরে বন্ধ হয়। ");
DRAGOMAN_ANALYZE(korean, "kor", "도서관은 아홉 시에 열고 해가 진 뒤에 닫는다. ");
DRAGOMAN_ANALYZE(thai, "tha", "ห้องสมุดเปิดเวลาเก้าโมงและปิดหลังพระอาทิตย์ตก ");
DRAGOMAN_ANALYZE(chinese, "zho-CN", "图书馆九点开门，日落之后关门。");
DRAGOMAN_ANALYZE(japanese, "jpn", "図書館は九時に開き、日没後に閉まります。");

}  // namespace
