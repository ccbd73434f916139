#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

std::u32string to_code_points(std::string_view text);
std::string to_utf8(std::u32string_view text);

/// White space as Python's str.split() sees it, by which the evaluation scripts are written.
bool is_any_white_space(char32_t c);

/// One of ASCII's 32 characters that are no letter, digit, space or control: Python's string.punctuation.
bool is_ascii_punctuation(char32_t c);

/// What lies between runs of white space.
std::vector<std::u32string_view> split_words(std::u32string_view text);

}  // namespace dragoman
