#pragma once

#include <string>
#include <string_view>

namespace dragoman {

/// One romaniser a script. Each takes a word: code points of its script alone, with marks, composed (NFKC); and appends
/// it to `out` in Latin. `language` is a primary subtag, "und" if nothing is known. Letters that a script has and its
/// table does not (rare historic ones) are left out. All are pure functions, thread-safe, O(letters).
using ScriptRomanizer = void (*)(std::u32string_view word, std::string_view language, std::string& out);

void romanize_cyrillic(std::u32string_view word, std::string_view language, std::string& out);
void romanize_greek(std::u32string_view word, std::string_view language, std::string& out);
void romanize_armenian(std::u32string_view word, std::string_view language, std::string& out);
void romanize_georgian(std::u32string_view word, std::string_view language, std::string& out);
void romanize_ethiopic(std::u32string_view word, std::string_view language, std::string& out);
void romanize_hebrew(std::u32string_view word, std::string_view language, std::string& out);
void romanize_arabic(std::u32string_view word, std::string_view language, std::string& out);
/// Devanagari, Bengali, Gurmukhi, Gujarati, Oriya, Tamil, Telugu, Kannada, Malayalam.
void romanize_indic(std::u32string_view word, std::string_view language, std::string& out);
void romanize_sinhala(std::u32string_view word, std::string_view language, std::string& out);
/// One word of a dictionary each, since syllables are read inside a word.
void romanize_thai(std::u32string_view word, std::string_view language, std::string& out);
void romanize_lao(std::u32string_view word, std::string_view language, std::string& out);
void romanize_khmer(std::u32string_view word, std::string_view language, std::string& out);
void romanize_burmese(std::u32string_view word, std::string_view language, std::string& out);
void romanize_hangul(std::u32string_view word, std::string_view language, std::string& out);
/// Chinese characters and kana; "ja" reads characters as Japanese where it can.
void romanize_han_and_kana(std::u32string_view word, std::string_view language, std::string& out);

}  // namespace dragoman
