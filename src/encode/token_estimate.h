#pragma once

#include <cstddef>
#include <string_view>

namespace dragoman {

/// Tokens that a text may have for a tokenizer nobody knows: meant to be too high rather than too low, so that what is
/// measured with it fits. A third of a token for an ASCII letter, a sixth for white space, one for any other ASCII
/// character and for a code point of two bytes (Latin with marks, Greek, Cyrillic, Hebrew, Arabic), one and a half for
/// one of three bytes (Indic scripts, Thai, Chinese, Japanese, Korean), three for one of four bytes. Rounded up.
std::size_t estimate_tokens(std::string_view text);

/// The longest beginning of a text that is estimated at `tokens` at most, without cutting a code point.
std::string_view estimated_prefix(std::string_view text, std::size_t tokens);

}  // namespace dragoman
