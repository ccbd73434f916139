#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "dragoman/base/utf8.h"
#include "dragoman/text/language.h"
#include "text/icu.h"

namespace dragoman {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 10;
constexpr float kMaxGuessConfidence = 0.9f;

/// Japanese has a particle or an ending in kana every few words; Chinese has a stray one ("の") at most.
constexpr double kMinKanaShare = 0.05;

struct Dominated {
  UScriptCode script;
  const char* language;
};

/// Scripts in which nearly everything in print is one language. Left out for good reason, among others: Ethi (Amharic,
/// Tigrinya), Tibt (Tibetan, Dzongkha), Arab, Cyrl, Deva, Latn.
constexpr Dominated kDominated[] = {
    {USCRIPT_ARMENIAN, "hy"},  {USCRIPT_BENGALI, "bn"},   {USCRIPT_GEORGIAN, "ka"}, {USCRIPT_GREEK, "el"},
    {USCRIPT_GUJARATI, "gu"},  {USCRIPT_GURMUKHI, "pa"},  {USCRIPT_HAN, "zh"},      {USCRIPT_HANGUL, "ko"},
    {USCRIPT_HEBREW, "he"},    {USCRIPT_HIRAGANA, "ja"},  {USCRIPT_KANNADA, "kn"},  {USCRIPT_KHMER, "km"},
    {USCRIPT_LAO, "lo"},       {USCRIPT_MALAYALAM, "ml"}, {USCRIPT_MYANMAR, "my"},  {USCRIPT_NKO, "nqo"},
    {USCRIPT_OL_CHIKI, "sat"}, {USCRIPT_ORIYA, "or"},     {USCRIPT_SINHALA, "si"},  {USCRIPT_TAMIL, "ta"},
    {USCRIPT_TELUGU, "te"},    {USCRIPT_THAANA, "dv"},    {USCRIPT_THAI, "th"},
};

/// Letters by script. Kana and Bopomofo are counted with Han, which they are mixed with.
struct LetterCounts {
  std::map<UScriptCode, std::size_t> by_script;
  std::size_t letters = 0;
  std::size_t kana = 0;
};

LetterCounts count_letters(std::string_view text) {
  LetterCounts counts;
  for (std::size_t at = 0; at < text.size();) {
    const auto code_point = static_cast<UChar32>(next_code_point(text, at));
    if (!u_isalpha(code_point)) continue;
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(code_point, &status);
    if (U_FAILURE(status) || script == USCRIPT_COMMON || script == USCRIPT_INHERITED) continue;
    if (script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA) {
      ++counts.kana;
      script = USCRIPT_HAN;
    } else if (script == USCRIPT_BOPOMOFO) {
      script = USCRIPT_HAN;
    }
    ++counts.by_script[script];
    ++counts.letters;
  }
  return counts;
}

}  // namespace

LanguageGuess identify_language(std::string_view text) {
  const LetterCounts counts = count_letters(utf8_prefix(text, kMaxBytes));
  if (counts.letters == 0) return {};
  // Equal counts: the first in ICU's numbering, so that the answer is the same everywhere.
  const auto most = std::max_element(counts.by_script.begin(), counts.by_script.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  UScriptCode script = most->first;
  const double share = static_cast<double>(most->second) / static_cast<double>(counts.letters);
  if (script == USCRIPT_HAN && static_cast<double>(counts.kana) >= kMinKanaShare * static_cast<double>(most->second)) {
    script = USCRIPT_HIRAGANA;
  }

  LanguageGuess guess;
  guess.confidence = static_cast<float>(share);
  for (const Dominated& dominated : kDominated) {
    if (dominated.script != script) continue;
    guess.language = Language::parse(dominated.language);
    guess.confidence = std::min(guess.confidence, kMaxGuessConfidence);
    return guess;
  }
  guess.language = Language::parse(std::string("und-") + uscript_getShortName(script));
  return guess;
}

}  // namespace dragoman
