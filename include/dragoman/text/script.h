#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/text/language.h"
#include "dragoman/text/passages.h"

namespace dragoman {

/// A part of a text whose letters are of one script.
struct ScriptSpan {
  TextRange range;
  std::string script;       ///< ISO 15924: "Latn", "Cyrl"; "Jpan" with kana, "Hani" without, "Kore" with Hangul.
  std::size_t letters = 0;  ///< Code points of that script.
};

/// Splits a text where its script changes. Chinese characters go with kana and Hangul beside them; marks, digits,
/// punctuation and spaces go with the letters before them, at the beginning with those behind. The spans cover the
/// text; one without letters gives none. O(bytes).
std::vector<ScriptSpan> script_spans(std::string_view text);

/// The script that most letters are of, and their share of all letters. A text with at least one kana to twenty Chinese
/// characters is "Jpan". An empty name for a text without letters.
struct DominantScript {
  std::string script;
  double share = 0;         ///< In [0, 1].
  std::size_t letters = 0;  ///< Of all scripts.
};
DominantScript dominant_script(std::string_view text);

/// A language, and the scripts that it is written in today, the usual one first.
struct WrittenLanguage {
  Language language;
  std::vector<std::string> scripts;
};

/// "sr" is written in Cyrl and Latn, "de" in Latn alone, as is a language whose script CLDR does not know. A tag with a
/// script or a region says which of them is meant.
WrittenLanguage scripts_of(const Language& language);

/// Scripts in which nearly everything in print is one language, and that language.
std::vector<std::pair<std::string, Language>> languages_by_dominated_script();

/// The language that nearly everything printed in a script is in: "th" of "Thai"; "und" if there is none such.
Language language_of_script(std::string_view script);

/// `language` as written in `script`, with the script named where it is not the usual one: "sr" in "Latn" is "sr-Latn".
/// "und" if it is not written so. "Hani" is a script of Chinese and Japanese, as "Hans" and "Hant" are.
Language written_in(const Language& language, std::string_view script);
/// The same for who asks of one language often; finding its scripts is what costs.
/// @param language as scripts_of() gives it.
Language written_in(const WrittenLanguage& language, std::string_view script);

}  // namespace dragoman
