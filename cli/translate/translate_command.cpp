#include "translate/translate_commands.h"

namespace dragoman::cli {

void add_translate_command(CLI::App& program, const Context& context) {
  CLI::App* command = program.add_subcommand("translate", "Translate texts; learn and look at what translates them");
  command->fallthrough();
  command->require_subcommand(0, 1);
  add_translate_text(*command, context);
  add_translate_learn_command(*command, context);
  add_translate_evaluate_command(*command, context);
  add_translate_list_command(*command, context);
}

}  // namespace dragoman::cli
