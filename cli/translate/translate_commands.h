#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "command.h"

namespace dragoman::cli {

/// What `dragoman translate` itself does: translate the lines of a file. Its options are on `translate`.
void add_translate_text(CLI::App& translate, const Context& context);

/// Each adds one command to `dragoman translate`; a file a command.
void add_translate_learn_command(CLI::App& translate, const Context& context);
void add_translate_evaluate_command(CLI::App& translate, const Context& context);
void add_translate_list_command(CLI::App& translate, const Context& context);

}  // namespace dragoman::cli
