#pragma once

#include <cstddef>
#include <string_view>

namespace dragoman {

/// Pinyin of a Chinese character without its tone ("bei", "lü"), by ICU; empty if it has none. The first
/// call compiles ICU's rules (a fifth of a second).
std::string_view pinyin(char32_t character);

/// Is this a syllable of Pinyin? It takes "v" and "u" for ü.
bool is_pinyin(std::string_view syllable);

struct HanWord {
  std::size_t size = 0;  ///< Characters.
  std::string_view latin;
};

/// The longest word at the beginning of `text` whose Japanese reading is in our list; size 0 if none is.
HanWord known_japanese_word(std::u32string_view text);
/// The same for Chinese words whose characters are not read as they are elsewhere (重庆).
HanWord known_chinese_word(std::u32string_view text);

}  // namespace dragoman
