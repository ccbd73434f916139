#pragma once

#include <string_view>
#include <vector>

#include "dragoman/text/analyzer.h"

namespace dragoman {

/// Appends what lies between white space (Unicode's, and line ends), unchanged but for bytes that are not UTF-8, which
/// are left out. Longer words than Analyzer::kMaxTokenBytes are cut.
void split_at_white_space(std::string_view text, std::vector<Token>& tokens);

}  // namespace dragoman
