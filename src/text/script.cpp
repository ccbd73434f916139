#include "dragoman/text/script.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "text/icu.h"

namespace dragoman {
namespace {

/// Japanese has a particle or an ending in kana every few words; Chinese has a stray one ("の") at most.
constexpr double kMinKanaShare = 0.05;

struct Dominated {
  std::string_view script;
  const char* language;
};

/// Scripts in which nearly everything in print is one language. Left out for good reason, among others: Ethi (Amharic,
/// Tigrinya), Tibt (Tibetan, Dzongkha), Arab, Cyrl, Deva, Latn.
constexpr Dominated kDominated[] = {
    {"Armn", "hy"}, {"Beng", "bn"}, {"Geor", "ka"}, {"Grek", "el"},  {"Gujr", "gu"},  {"Guru", "pa"},
    {"Hani", "zh"}, {"Kore", "ko"}, {"Hebr", "he"}, {"Jpan", "ja"},  {"Knda", "kn"},  {"Khmr", "km"},
    {"Laoo", "lo"}, {"Mlym", "ml"}, {"Mymr", "my"}, {"Nkoo", "nqo"}, {"Olck", "sat"}, {"Orya", "or"},
    {"Sinh", "si"}, {"Taml", "ta"}, {"Telu", "te"}, {"Thaa", "dv"},  {"Thai", "th"},
};

/// Scripts that are written together count as one; kana remembers that it was there.
struct Letter {
  UScriptCode script = USCRIPT_COMMON;
  bool kana = false;
};

/// Common for what is no letter of a script: digits, marks, punctuation, spaces.
Letter letter_of(UChar32 code_point) {
  if (code_point < 0x80) {
    const bool letter = (code_point | 0x20) >= 'a' && (code_point | 0x20) <= 'z';
    return {letter ? USCRIPT_LATIN : USCRIPT_COMMON, false};
  }
  if (!u_isalpha(code_point)) return {};
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(code_point, &status);
  if (U_FAILURE(status) || script == USCRIPT_INHERITED) return {};
  if (script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA) return {USCRIPT_HAN, true};
  if (script == USCRIPT_BOPOMOFO) return {USCRIPT_HAN, false};
  return {script, false};
}

std::string name_of(UScriptCode script, std::size_t letters, std::size_t kana) {
  if (script == USCRIPT_HANGUL) return "Kore";
  if (script == USCRIPT_HAN && static_cast<double>(kana) >= kMinKanaShare * static_cast<double>(letters)) return "Jpan";
  return uscript_getShortName(script);
}

/// Codes that scripts have in language tags, as text has them: Hans and Hant cannot be told from single characters.
std::string_view in_text(std::string_view script) {
  if (script == "Hans" || script == "Hant" || script == "Hanb") return "Hani";
  if (script == "Hang") return "Kore";
  if (script == "Hira" || script == "Kana" || script == "Hrkt") return "Jpan";
  return script;
}

/// The scripts beside the usual one that newspapers, schoolbooks or Wikipedias of our days use.
struct OtherScripts {
  Language language;
  std::vector<std::string> scripts;
};

const std::vector<OtherScripts>& other_scripts() {
  static const std::vector<OtherScripts> languages = [] {
    struct Row {
      const char* language;
      std::array<const char*, 2> others;
    };
    constexpr Row kRows[] = {
        {"ace", {"Arab"}},         {"az", {"Cyrl", "Arab"}}, {"ber", {"Latn", "Tfng"}}, {"bjn", {"Arab"}},
        {"bs", {"Cyrl"}},          {"crh", {"Cyrl"}},        {"ha", {"Arab"}},          {"kk", {"Arab", "Latn"}},
        {"kr", {"Arab"}},          {"ks", {"Deva"}},         {"ku", {"Arab", "Cyrl"}},  {"ky", {"Arab"}},
        {"lad", {"Hebr"}},         {"mn", {"Mong"}},         {"ms", {"Arab"}},          {"pa", {"Arab"}},
        {"sat", {"Deva", "Beng"}}, {"sd", {"Deva"}},         {"sr", {"Latn"}},          {"tg", {"Arab"}},
        {"tk", {"Cyrl", "Arab"}},  {"tt", {"Latn"}},         {"ug", {"Cyrl", "Latn"}},  {"uz", {"Cyrl", "Arab"}},
        {"yue", {"Hans"}},         {"zh", {"Hant"}},
    };
    std::vector<OtherScripts> list;
    for (const auto& [tag, others] : kRows) {
      OtherScripts row{Language::parse(tag), {}};
      for (const char* other : others) {
        if (other != nullptr) row.scripts.push_back(other);
      }
      list.push_back(std::move(row));
    }
    return list;
  }();
  return languages;
}

}  // namespace

std::vector<ScriptSpan> script_spans(std::string_view text) {
  std::vector<ScriptSpan> spans;
  UScriptCode script = USCRIPT_COMMON;
  std::size_t kana = 0;
  const auto finish = [&](std::size_t end) {
    if (spans.empty()) return;
    spans.back().range.end = end;
    spans.back().script = name_of(script, spans.back().letters, kana);
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const Letter letter = letter_of(static_cast<UChar32>(next_code_point(text, at)));
    if (letter.script == USCRIPT_COMMON) continue;
    const bool together =
        letter.script == script || (script == USCRIPT_HANGUL && letter.script == USCRIPT_HAN && !letter.kana);
    if (!together) {
      finish(begin);
      spans.push_back({{spans.empty() ? 0 : begin, begin}, {}, 0});
      script = letter.script;
      kana = 0;
    }
    ++spans.back().letters;
    kana += letter.kana;
  }
  finish(text.size());
  return spans;
}

DominantScript dominant_script(std::string_view text) {
  std::map<UScriptCode, std::size_t> by_script;
  DominantScript result;
  std::size_t kana = 0, latin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = letter_of(static_cast<UChar32>(next_code_point(text, at)));
    if (letter.script == USCRIPT_COMMON) continue;
    ++result.letters;
    kana += letter.kana;
    if (letter.script == USCRIPT_LATIN) {
      ++latin;  // Most letters by far; a map would cost more than all else here.
    } else {
      ++by_script[letter.script];
    }
  }
  if (result.letters == 0) return result;
  if (latin != 0) by_script[USCRIPT_LATIN] = latin;
  // Equal counts: the first in ICU's numbering, so that the answer is the same everywhere.
  const auto most = std::max_element(by_script.begin(), by_script.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  result.script = name_of(most->first, most->second, kana);
  result.share = static_cast<double>(most->second) / static_cast<double>(result.letters);
  return result;
}

std::vector<std::pair<std::string, Language>> languages_by_dominated_script() {
  std::vector<std::pair<std::string, Language>> list;
  for (const auto& [script, language] : kDominated) list.emplace_back(script, Language::parse(language));
  return list;
}

Language language_of_script(std::string_view script) {
  const auto found = std::ranges::find(kDominated, in_text(script), &Dominated::script);
  return found == std::end(kDominated) ? Language() : Language::parse(found->language);
}

WrittenLanguage scripts_of(const Language& language) {
  std::string usual = language.script();
  if (usual.empty()) usual = "Latn";  // What CLDR does not know, missionaries and linguists wrote down.
  WrittenLanguage written{language, {usual}};
  if (language.tag().size() != language.primary().size()) return written;  // A script or a region says which it is.
  const auto found = std::ranges::find(other_scripts(), language, &OtherScripts::language);
  if (found == other_scripts().end()) return written;
  std::ranges::copy_if(found->scripts, std::back_inserter(written.scripts),
                       [&](const std::string& other) { return other != usual; });
  return written;
}

Language written_in(const WrittenLanguage& written, std::string_view script) {
  const auto& [language, scripts] = written;
  if (language.undetermined()) return {};
  const std::string_view wanted = in_text(script);
  // Chinese characters alone may be Japanese as well.
  if (in_text(scripts.front()) == wanted || (wanted == "Hani" && scripts.front() == "Jpan")) return language;
  for (std::size_t i = 1; i < scripts.size(); ++i) {
    if (in_text(scripts[i]) == wanted) return Language::parse(language.tag() + "-" + scripts[i]);
  }
  return {};
}

Language written_in(const Language& language, std::string_view script) {
  return written_in(scripts_of(language), script);
}

}  // namespace dragoman
