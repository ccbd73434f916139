#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

namespace dragoman::cli {

/// What every command shares.
struct Context {
  std::filesystem::path models;  ///< --models: where models lie; empty for the default folder.
  std::size_t threads = 0;       ///< --threads: processors to use; 0 for all.

  std::filesystem::path named_cache;  ///< --cache: folder of the cache; empty if not given.
  bool no_cache = false;              ///< --no-cache.
  std::uint64_t cache_bytes = 0;      ///< --cache-limit; 0 for the library's default.

  /// Where encodings are kept; empty for nowhere.
  std::filesystem::path cache() const;
};

/// Each adds one command to the program: its options, its help with an example, and what runs when it is chosen.
void add_index_command(CLI::App& program, const Context& context);
void add_delete_command(CLI::App& program);
void add_compact_command(CLI::App& program, const Context& context);
void add_search_command(CLI::App& program, const Context& context);
void add_encode_command(CLI::App& program, const Context& context);
void add_run_command(CLI::App& program, const Context& context);
void add_rerank_command(CLI::App& program, const Context& context);
void add_eval_command(CLI::App& program, const Context& context);
void add_grid_command(CLI::App& program, const Context& context);
void add_eval_text_command(CLI::App& program);
void add_leaderboard_command(CLI::App& program, const Context& context);
void add_report_command(CLI::App& program, const Context& context);
void add_model_command(CLI::App& program, const Context& context);
/// `dragoman model cache`, below the command `model`.
void add_model_cache_command(CLI::App& model, const Context& context);
/// `dragoman model tokens`.
void add_tokens_command(CLI::App& model, const Context& context);
/// `dragoman model calibrate`.
void add_calibrate_command(CLI::App& model, const Context& context);
void add_data_command(CLI::App& program, const Context& context);
/// `dragoman lang`; its commands are in lang/.
void add_lang_command(CLI::App& program, const Context& context);
/// `dragoman translate`; its commands are in translate/.
void add_translate_command(CLI::App& program, const Context& context);

}  // namespace dragoman::cli
