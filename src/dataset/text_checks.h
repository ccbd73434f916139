#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dragoman/text/language.h"

namespace dragoman {

/// A checksum of the text after NFKC, case folding and joining of white space. @param text well-formed UTF-8.
std::uint64_t text_key(std::string_view text);

/// The script that the text is written in, if that contradicts its language; else empty. A language without a known
/// script contradicts nothing, and neither does a text of fewer than a dozen characters.
std::string contradicting_script(const Language& language, std::string_view text);

}  // namespace dragoman
