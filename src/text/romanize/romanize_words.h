#pragma once

#include <string>
#include <string_view>

namespace dragoman {

/// NFKC of a text; ill-formed bytes become U+FFFD.
std::string compose_compatible(std::string_view text);

}  // namespace dragoman
