#pragma once

#include <CLI/CLI.hpp>
#include <cmath>
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

/// A probability as it is printed in JSON: to a ten-thousandth, which is more than it is worth.
inline double rounded(double probability) { return std::round(probability * 1e4) / 1e4; }

/// Each adds one command to `dragoman lang`; a file a command.
void add_lang_analyze_command(CLI::App& lang, const Context& context);
void add_lang_detect_command(CLI::App& lang, const Context& context);
void add_lang_scripts_command(CLI::App& lang, const Context& context);
void add_lang_segment_command(CLI::App& lang, const Context& context);
void add_lang_romanize_command(CLI::App& lang, const Context& context);

}  // namespace dragoman::cli
