#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"

namespace dragoman::cli {

/// The texts that a `dragoman lang` command is asked about.
struct LangTexts {
  std::vector<std::string> texts;  ///< Given as arguments; none: a text a line of `file`.
  std::string file = "-";
  bool json = false;  ///< Answer each text by a line of JSON.
};

/// Adds `texts`, `--file` and `--json`.
void add_lang_texts(CLI::App& command, LangTexts& texts);

/// Calls `take(text)` for each text in turn. @throws InvalidData, with its place, for a text that is not UTF-8.
void for_each_text(const LangTexts& texts, const std::function<void(std::string_view text)>& take);

/// Each adds one command to `dragoman lang`; a file a command.
void add_lang_detect_command(CLI::App& lang, const Context& context);
void add_lang_romanize_command(CLI::App& lang, const Context& context);

}  // namespace dragoman::cli
