#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

namespace dragoman::cli {

/// What every command shares.
struct Context {
  std::filesystem::path models;  ///< --models: where models lie; empty for the default folder.
  std::size_t threads = 0;       ///< --threads: processors to use; 0 for all.
};

/// Each adds one command to the program: its options, its help with an example, and what runs when it is chosen.
void add_index_command(CLI::App& program, const Context& context);
void add_search_command(CLI::App& program, const Context& context);
void add_run_command(CLI::App& program, const Context& context);
void add_rerank_command(CLI::App& program, const Context& context);
void add_eval_command(CLI::App& program, const Context& context);
void add_grid_command(CLI::App& program, const Context& context);
void add_eval_text_command(CLI::App& program);
void add_leaderboard_command(CLI::App& program, const Context& context);
void add_report_command(CLI::App& program, const Context& context);
void add_model_command(CLI::App& program, const Context& context);
void add_tokens_command(CLI::App& model_command, const Context& context);  // A command of "model".
void add_data_command(CLI::App& program, const Context& context);

}  // namespace dragoman::cli
