#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "command.h"

namespace dragoman::cli {

/// Each adds one command to `dragoman translate`; a file a command.
void add_translate_learn_command(CLI::App& translate, const Context& context);
void add_translate_evaluate_command(CLI::App& translate, const Context& context);
void add_translate_list_command(CLI::App& translate, const Context& context);

}  // namespace dragoman::cli
