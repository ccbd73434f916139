#include "dataset/text_checks.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <array>

#include "dragoman/base/error.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

// Below it lie texts full of foreign names, above it texts that are in another language.
constexpr float kMinShare = 0.8f;
constexpr std::size_t kMinCodePoints = 12;

bool is_han(std::string_view script) { return script == "Hans" || script == "Hant" || script == "Hani"; }
bool is_japanese(std::string_view script) {
  return script == "Jpan" || script == "Hira" || script == "Kana" || script == "Hrkt";
}
bool is_korean(std::string_view script) { return script == "Kore" || script == "Hang"; }

/// May a text in `declared` look like one in `seen`? Short Japanese may do without kana.
bool agree(std::string_view declared, std::string_view seen) {
  if (declared == seen) return true;
  if (is_japanese(declared)) return is_japanese(seen) || is_han(seen);
  if (is_han(declared)) return is_han(seen);
  return is_korean(declared) && is_korean(seen);
}

}  // namespace

std::uint64_t text_key(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
  if (U_FAILURE(status)) throw Unavailable(fmt::format("ICU cannot normalise text ({})", u_errorName(status)));
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  folding->normalizeUTF8(0, {text.data(), static_cast<std::int32_t>(text.size())}, sink, nullptr, status);
  if (U_FAILURE(status)) throw Unavailable(fmt::format("ICU cannot normalise text ({})", u_errorName(status)));
  std::string joined;
  bool gap = false;
  for (const char c : folded) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      gap = !joined.empty();
    } else {
      if (gap) joined += ' ';
      gap = false;
      joined += c;
    }
  }
  return checksum(joined);
}

std::string contradicting_script(const Language& language, std::string_view text) {
  const std::string declared = language.script();
  if (declared.empty() || count_code_points(text) < kMinCodePoints) return "";
  const LanguageGuess guess = identify_language(text);
  const std::string seen = guess.language.script();
  return seen.empty() || guess.confidence < kMinShare || agree(declared, seen) ? "" : seen;
}

}  // namespace dragoman
