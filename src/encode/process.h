#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dragoman {

/// Runs a program, found on PATH, with these arguments (no shell between), its input empty, its output and its messages
/// in the file `log`. `tick` is called a few times a second; if it throws, the program is ended.
/// @return what the program returned; 128 + N if signal N ended it.
/// @throws NotFound if there is no such program, Unavailable if it cannot be started.
int run_process(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                const std::function<void()>& tick);

}  // namespace dragoman
