#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dragoman/base/utf8.h"
#include "dragoman/text/romanize.h"
#include "dragoman/text/skeleton.h"

namespace {

using dragoman::Language;
using dragoman::SkeletonSide;

// Languages that read a script in their own way; the first byte picks one.
constexpr const char* kLanguages[] = {"und", "ar", "fa", "ur", "ckb", "ug", "uk", "bg", "sr", "mn", "hi",
                                      "sa",  "bn", "ta", "he", "th",  "lo", "km", "my", "ja", "zh", "ko"};

}  // namespace

// Any bytes are romanised into well-formed text, the same each time, and give terms with ranges inside the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Language language = Language::parse(kLanguages[data[0] % std::size(kLanguages)]);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string latin = dragoman::romanize(text, language);
  if (dragoman::find_invalid_utf8(latin) != std::string_view::npos) std::abort();
  if (latin != dragoman::romanize(text, language)) std::abort();
  for (const SkeletonSide side : {SkeletonSide::document, SkeletonSide::query}) {
    std::size_t begin = 0;
    for (const dragoman::Token& term : dragoman::skeleton_terms(text, language, side)) {
      if (term.text.empty() || term.begin >= term.end || term.end > text.size()) std::abort();
      if (side == SkeletonSide::document && term.begin < begin) std::abort();
      begin = term.begin;
    }
  }
  return 0;
}
