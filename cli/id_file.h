#pragma once

#include <string>
#include <vector>

namespace dragoman::cli {

/// Document ids of a file, one a line, plain, .gz or .zst, or of standard input ("-"). Blank lines are left out, white
/// space around an id is no part of it.
/// @throws NotFound, InvalidData for a line with more than one id.
std::vector<std::string> read_ids(const std::string& path);

}  // namespace dragoman::cli
