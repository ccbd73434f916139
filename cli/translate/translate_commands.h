#pragma once

#include <CLI/CLI.hpp>

#include "command.h"

namespace dragoman::cli {

/// What `dragoman translate` itself does: translate the lines of a file. Its options are on `translate`.
void add_translate_text(CLI::App& translate, const Context& context);

}  // namespace dragoman::cli
