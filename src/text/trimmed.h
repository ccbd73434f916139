#pragma once

#include <string_view>

#include "dragoman/text/passages.h"

namespace dragoman {

/// A range of a text without Unicode's white space at its ends.
/// @param range of a text that is well-formed UTF-8, and cuts no code point.
TextRange trimmed(std::string_view text, TextRange range);

}  // namespace dragoman
