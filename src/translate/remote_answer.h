#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// What a LibreTranslate server answers to so many texts: {"translatedText": ["...", ...]}.
/// @throws InvalidData naming `place` if there are not as many strings.
std::vector<std::string> read_libretranslate_answer(std::string_view body, std::size_t texts, std::string_view place);

/// What an OpenAI-compatible server says: {"choices": [{"message": {"content": "..."}}]}.
/// @throws InvalidData naming `place` if there is no such string.
std::string read_chat_text(std::string_view body, std::string_view place);

}  // namespace dragoman
