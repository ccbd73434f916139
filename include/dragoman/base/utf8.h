#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dragoman {

/// Offset of the first byte that is not well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms), or npos.
std::size_t find_invalid_utf8(std::string_view text);

/// The longest prefix of at most `max_bytes` bytes that does not cut a code point. `text` must be well-formed.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

/// Number of code points of well-formed text.
std::size_t count_code_points(std::string_view text);

/// For messages: control characters and ill-formed bytes as \xNN, cut to `max_bytes` with "..." behind.
std::string printable(std::string_view text, std::size_t max_bytes = 80);

}  // namespace dragoman
