#include <fmt/format.h>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "lang/lang_commands.h"

namespace dragoman::cli {
namespace {

void check_utf8(std::string_view text, std::string_view place) {
  if (const std::size_t at = find_invalid_utf8(text); at != std::string_view::npos) {
    throw InvalidData(fmt::format("{}: byte {} is not UTF-8", place, at + 1));
  }
}

}  // namespace

void add_lang_texts(CLI::App& command, LangTexts& texts) {
  command.add_option("text", texts.texts, "Texts; none: a text a line, of --file");
  command.add_option("--file", texts.file, "File of a text a line, also .gz and .zst; - for standard input")
      ->capture_default_str();
  command.add_flag("--json", texts.json, "Answer as JSON, a line a text");
}

void for_each_text(const LangTexts& texts, const std::function<void(std::string_view text)>& take) {
  for (std::size_t i = 0; i < texts.texts.size(); ++i) {
    check_utf8(texts.texts[i], fmt::format("text {}", i + 1));
    take(texts.texts[i]);
  }
  if (!texts.texts.empty()) return;
  LineReader lines(texts.file);
  for (std::string_view line; lines.next(line);) {
    check_utf8(line, lines.place());
    take(line);
  }
}

void add_lang_command(CLI::App& program, const Context& context) {
  CLI::App* command = program.add_subcommand("lang", "Show what is made of texts: their languages and scripts");
  command->require_subcommand(1);
  command->fallthrough();
  command->footer("Example:\n  dragoman lang detect \"Wapi kuna maji?\"");
  add_lang_detect_command(*command, context);
  add_lang_analyze_command(*command, context);
  add_lang_segment_command(*command, context);
  add_lang_scripts_command(*command, context);
  add_lang_romanize_command(*command, context);
}

}  // namespace dragoman::cli
