#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/text/analyzer.h"
#include "dragoman/text/language.h"

namespace dragoman {

/// A key that spellings of one word share, in any script: "kitab", "kitaab" and किताब have "kitab"; "Moskva" and Москва
/// have "muskva". The word is romanised, and what spellers differ in is made one: lengths of vowels (aa, ee, oo), e and
/// i, o and u, doubled letters, ph and f, q and k, w and v, kh and k, h behind a consonant, z and s apart, a last
/// silent e, diacritics; also the digits of Arabic chat (3arab, 7abib). Letters are a, i, u and consonants of ASCII,
/// where "x" stands for sh and "c" for ch.
///
/// @param word  one word; punctuation in it is left out. A word without letters or digits has the key "".
/// @param language  as in romanize(); also tells Latin letters apart (c is ts in Polish).
/// Deterministic, thread-safe, O(bytes).
std::string skeleton(std::string_view word, const Language& language = {});

/// The coarser key for scripts that write no short vowels: consonants alone, in capitals, with one letter for those
/// that Arabic does not tell apart (p and b, f and v, g and j); "A" stands for a vowel at the beginning. "Mohammed",
/// "Muhammad" and محمد have "MHMD". Words of fewer than two consonants have none (""), as it would say too little.
std::string consonant_skeleton(std::string_view word, const Language& language = {});

/// Which side of the search a text is on: a query is given more keys, for what its writer may have meant.
enum class SkeletonSide { document, query };

/// The keys of all words of a text, as terms of an inverted index; ranges are those of the words. Each word gives its
/// skeleton and its consonant skeleton. Chinese characters give the skeletons of every two neighbouring syllables, and
/// Latin words of a query that can be read as Pinyin ("beijing", "bei jing") give the same besides. Arabic words give
/// their keys without the article.
///
/// @throws InvalidArgument if the text is longer than 2 GiB.
/// Deterministic, thread-safe, O(bytes).
std::vector<Token> skeleton_terms(std::string_view text, const Language& language, SkeletonSide side);

/// What the terms depend on, ICU's version included: "skeleton-1/72.1".
std::string skeleton_version();

}  // namespace dragoman
