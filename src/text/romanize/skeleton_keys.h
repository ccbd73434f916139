#pragma once

#include <string>
#include <string_view>

#include "dragoman/text/language.h"

namespace dragoman {

/// A word in small letters of ASCII and digits: romanised, without diacritics and punctuation.
std::string plain_latin(std::string_view word, const Language& language);

/// Keys of a word of plain_latin(); "" where it has none.
std::string sound_key(std::string_view plain);

/// How the consonant key reads a w: as the vowel that Arabic writes with the same letter, or as a v.
enum class ReadW { vowel, consonant };
std::string consonant_key(std::string_view plain, ReadW w = ReadW::vowel);

/// Consonants as Japanese hears them, for words of other languages in katakana: l is r, v is b, th is s, an r that no
/// vowel follows is not heard. Begins with "~". Of fewer than two consonants: "".
std::string kana_key(std::string_view plain);

}  // namespace dragoman
