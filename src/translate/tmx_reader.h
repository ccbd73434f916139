#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "dragoman/text/language.h"

namespace dragoman {

/// Does the file begin as XML does?
bool is_tmx(const std::string& path);

/// The segments of a translation memory (TMX 1.4) in two languages, once for each unit that has both. What inline
/// elements (bpt, ept, it, ph, ut) hold is code of another format and left out; the text around them stays. Of several
/// segments in one language the first counts.
/// @throws InvalidData, with its line, for malformed XML.
void read_tmx(const std::string& path, const Language& from, const Language& to,
              const std::function<void(std::string_view source, std::string_view target)>& take);

}  // namespace dragoman
