#pragma once

#include <string>
#include <string_view>

#include "dragoman/text/language.h"

namespace dragoman {

/// Text of any script in Latin letters, the way its readers spell it when they have no other keyboard: "Москва" is
/// "Moskva", "किताब" is "kitab", "東京" in a Japanese text is "tokyo".
///
/// The result is for reading and matching, not for turning back. Tables of our own serve Cyrillic (by language), Greek,
/// Armenian, Georgian, Hebrew, Arabic (by language), ten Indic scripts, Thai, Lao, Khmer, Burmese, Ethiopic, Hangul and
/// kana; Chinese characters are ICU's pinyin without tones; all other scripts are ICU's Any-Latin. docs/romanization.md
/// tells the conventions and what each cannot know. Above all:
///
/// - Arabic, Persian, Urdu and Hebrew do not write short vowels. Common names and words have them from a list; any
///   other word gets an "a" where it could not be spoken otherwise ("fakar" for فكر, which is fikr).
/// - Chinese characters of a Japanese text are read by a list of places, names and common words; one that is not in
///   the list is given in pinyin, which is wrong there. Characters with several Chinese readings have their commonest.
/// - Hindi, Marathi, Punjabi, Gujarati and Bengali lose vowels that are written and not spoken; the rule knows no
///   boundaries of parts of words.
/// - Thai, Lao, Khmer, Burmese, Chinese and Japanese, which write no spaces, get them between the words that ICU finds.
///
/// Latin text stays as it is, with its diacritics; compatibility forms (full width, ligatures, presentation forms) are
/// resolved; decimal digits of any script become 0-9. Capitals of scripts that have them are kept.
///
/// @param text      UTF-8; ill-formed bytes become U+FFFD.
/// @param language  decides where a script is read in several ways (Ukrainian "г" is "h"); undetermined: by the
///                  commonest reading of the script, and as Japanese if the text has kana.
/// @throws InvalidArgument if the text is longer than 2 GiB.
/// Deterministic, thread-safe, O(bytes).
std::string romanize(std::string_view text, const Language& language = {});

}  // namespace dragoman
