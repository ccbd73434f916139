#include <algorithm>

#include "dragoman/base/utf8.h"
#include "dragoman/text/language.h"
#include "dragoman/text/script.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 10;
constexpr float kMaxGuessConfidence = 0.9f;

}  // namespace

LanguageGuess identify_language(std::string_view text) {
  const DominantScript script = dominant_script(utf8_prefix(text, kMaxBytes));
  if (script.letters == 0) return {};
  const auto share = static_cast<float>(script.share);
  const Language dominating = language_of_script(script.script);
  if (dominating.undetermined()) return {Language::parse("und-" + script.script), share};
  return {dominating, std::min(share, kMaxGuessConfidence)};
}

}  // namespace dragoman
