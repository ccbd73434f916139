// Bytes a second of the romaniser, by kind of script, and of the keys of the romanised index; ICU's own transliterator
// beside them.
#include <benchmark/benchmark.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dragoman/text/romanize.h"
#include "dragoman/text/skeleton.h"

namespace {

std::string repeated(std::string_view sentence) {
  std::string text;
  while (text.size() < 4096) text += sentence;
  return text;
}

void romanize(benchmark::State& state, const char* language, std::string_view sentence) {
  const std::string text = repeated(sentence);
  const dragoman::Language its = dragoman::Language::parse(language);
  dragoman::romanize(text, its);  // Compiles ICU's rules where they are needed.
  for (auto _ : state) benchmark::DoNotOptimize(dragoman::romanize(text, its));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void terms(benchmark::State& state, const char* language, std::string_view sentence) {
  const std::string text = repeated(sentence);
  const dragoman::Language its = dragoman::Language::parse(language);
  dragoman::romanize(text, its);  // Compiles ICU's rules where they are needed.
  for (auto _ : state) {
    benchmark::DoNotOptimize(dragoman::skeleton_terms(text, its, dragoman::SkeletonSide::document));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void icu_any_latin(benchmark::State& state, const char*, std::string_view sentence) {
  const std::string text = repeated(sentence);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> any_latin(
      icu::Transliterator::createInstance("Any-Latin", UTRANS_FORWARD, status));
  for (auto _ : state) {
    icu::UnicodeString unicode = icu::UnicodeString::fromUTF8(text);
    any_latin->transliterate(unicode);
    std::string latin;
    benchmark::DoNotOptimize(unicode.toUTF8String(latin));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

constexpr std::string_view kEnglish = "The library opens at nine and closes after sunset. ";
constexpr std::string_view kRussian = "Библиотека открывается в девять и закрывается после заката. ";
constexpr std::string_view kArabic = "تفتح المكتبة في التاسعة وتغلق بعد غروب الشمس. ";
constexpr std::string_view kHindi = "पुस्तकालय नौ बजे खुलता है और सूर्यास्त के बाद बंद होता है। ";
constexpr std::string_view kKorean = "도서관은 아홉 시에 열고 해가 진 뒤에 닫습니다. ";
constexpr std::string_view kThai = "ห้องสมุดเปิดเวลาเก้าโมงและปิดหลังพระอาทิตย์ตก ";
constexpr std::string_view kChinese = "图书馆九点开门，日落之后关门。";
constexpr std::string_view kJapanese = "図書館は九時に開き、日没後に閉まります。";

#define DRAGOMAN_ROMANIZE_BENCH(function)               \
  BENCHMARK_CAPTURE(function, english, "en", kEnglish); \
  BENCHMARK_CAPTURE(function, russian, "ru", kRussian); \
  BENCHMARK_CAPTURE(function, arabic, "ar", kArabic);   \
  BENCHMARK_CAPTURE(function, hindi, "hi", kHindi);     \
  BENCHMARK_CAPTURE(function, korean, "ko", kKorean);   \
  BENCHMARK_CAPTURE(function, thai, "th", kThai);       \
  BENCHMARK_CAPTURE(function, chinese, "zh", kChinese); \
  BENCHMARK_CAPTURE(function, japanese, "ja", kJapanese)
DRAGOMAN_ROMANIZE_BENCH(romanize);
DRAGOMAN_ROMANIZE_BENCH(terms);
DRAGOMAN_ROMANIZE_BENCH(icu_any_latin);

}  // namespace
