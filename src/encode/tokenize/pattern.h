#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace dragoman {

/// Where a pattern matches a text: calls `on_match` with the begin and end of every match, from left to right, not
/// overlapping, and not empty. Thread-safe.
using Pattern =
    std::function<void(std::string_view text, const std::function<void(std::size_t begin, std::size_t end)>& on_match)>;

/// The text itself, not empty.
Pattern literal_pattern(std::string text);

/// A regular expression as Oniguruma reads it, which Hugging Face uses. Those of GPT-2, Llama 3 and Qwen 2 run as
/// scanners (encode/tokenize/word_scanner.h), others by ICU, in which \s is made to mean what it does there.
/// @throws InvalidArgument naming `place` and the expression if it is none. Matching throws InvalidArgument where an
///         expression needs more time or memory than ICU is given.
Pattern regex_pattern(std::string_view expression, std::string_view place);

}  // namespace dragoman
