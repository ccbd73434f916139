#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dragoman/base/file.h"
#include "dragoman/text/language_identifier.h"
#include "dragoman/text/script.h"
#include "support/test_support.h"

// Whatever the bytes of a text: probabilities that sum to 1, and spans that follow one another and cover it. The model
// is a tiny one of the golden values.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  static const LanguageIdentifier by_script, by_model(test::source_dir() / "tests/golden/fasttext/pruned.ftz");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const LanguageIdentifier* identifier : {&by_script, &by_model}) {
    double sum = 0;
    const LanguagePosterior posterior = identifier->posterior(text);
    for (const LanguageProbability& item : posterior.languages) {
      if (!(item.probability >= 0)) std::abort();
      sum += item.probability;
    }
    if (!posterior.languages.empty() && std::abs(sum - 1) > 1e-6) std::abort();
    std::size_t end = 0;
    const auto spans = identifier->segment(text);
    for (const LanguageSpan& span : spans) {
      if (span.range.begin != end || span.range.end <= span.range.begin) std::abort();
      end = span.range.end;
    }
    if (!spans.empty() && end != size) std::abort();
  }
  return 0;
}
