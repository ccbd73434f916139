#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "dragoman/base/error.h"
#include "text/fasttext_classifier.h"

// Whatever the bytes: InvalidData, or a classifier that gives a finite number a label for any text, or says that its
// numbers lead to none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  try {
    const FasttextClassifier classifier(read_fasttext(std::as_bytes(std::span(data, size)), "input"), "input");
    for (const std::string_view text : {"", "a", "Wapi kuna maji?", "\xFF\xFE __label__x </s>", "東京 Где \n вода"}) {
      const auto probabilities = classifier.probabilities(text);
      if (probabilities.size() != classifier.labels().size()) std::abort();
      for (const float probability : probabilities) {
        if (!std::isfinite(probability)) std::abort();
      }
    }
  } catch (const InvalidData&) {
  }
  return 0;
}
