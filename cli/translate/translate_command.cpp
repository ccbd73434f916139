#include "translate/translate_commands.h"

namespace dragoman::cli {

void add_translate_command(CLI::App& program, const Context& context) {
  CLI::App* command = program.add_subcommand("translate", "Translate texts");
  command->fallthrough();
  add_translate_text(*command, context);
}

}  // namespace dragoman::cli
