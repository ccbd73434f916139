#pragma once

#include <cstddef>
#include <string_view>

namespace dragoman {

/// How a frequent name or word of Arabic, Persian or Urdu is spelled in Latin; empty if it is not in the list, which no
/// word with vowel marks is.
std::string_view known_arabic_word(std::u32string_view word, std::string_view language);

/// How many letters of an Arabic word are its article, with what is written together before it; 0 for none.
std::size_t arabic_article(std::u32string_view word);

}  // namespace dragoman
