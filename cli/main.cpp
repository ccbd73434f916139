#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

#include "command.h"
#include "dragoman/base/error.h"
#include "dragoman/encode/encoding_cache.h"

#ifndef DRAGOMAN_VERSION
#define DRAGOMAN_VERSION "unknown"
#endif

std::filesystem::path dragoman::cli::Context::cache() const {
  if (no_cache) return {};
  return named_cache.empty() ? default_cache_folder() : named_cache;
}

namespace {

constexpr int kFailure = 1, kUsage = 2;

int run(int argc, char** argv) {
  CLI::App program("Dragoman: ask in your language; find it in any.", "dragoman");
  dragoman::cli::Context context;
  program.set_version_flag("--version", "dragoman " DRAGOMAN_VERSION);
  program.add_option("--models", context.models, "Folder of the models")->envname("DRAGOMAN_MODELS");
  program.add_option("--threads", context.threads, "Processors to use; 0: all (but one for a language model)")
      ->capture_default_str();
  program.add_option("--cache", context.named_cache,
                     "Folder where encodings are kept [DRAGOMAN_CACHE, or ~/.cache/dragoman]");
  program.add_flag("--no-cache", context.no_cache, "Keep no encodings and use none that were kept");
  program.add_option("--cache-limit", context.cache_bytes, "Bytes that they may take [4GB]")
      ->envname("DRAGOMAN_CACHE_LIMIT")
      ->transform(CLI::AsSizeValue(true));
  program.require_subcommand(1);
  program.fallthrough();
  program.footer(
      "Example:\n"
      "  dragoman model pull multilingual-e5-small\n"
      "  dragoman index corpus.jsonl --into my-index\n"
      "  dragoman search my-index \"Wie repariere ich einen Reifen?\" --lang de");
  dragoman::cli::add_index_command(program, context);
  dragoman::cli::add_delete_command(program);
  dragoman::cli::add_compact_command(program, context);
  dragoman::cli::add_search_command(program, context);
  dragoman::cli::add_run_command(program, context);
  dragoman::cli::add_rerank_command(program, context);
  dragoman::cli::add_encode_command(program, context);
  dragoman::cli::add_eval_command(program, context);
  dragoman::cli::add_grid_command(program, context);
  dragoman::cli::add_eval_text_command(program);
  dragoman::cli::add_leaderboard_command(program, context);
  dragoman::cli::add_report_command(program, context);
  dragoman::cli::add_model_command(program, context);
  dragoman::cli::add_data_command(program, context);
  dragoman::cli::add_lang_command(program, context);
  dragoman::cli::add_translate_command(program, context);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return program.exit(error);
    if (const auto unknown = program.remaining(); program.get_subcommands().empty() && !unknown.empty()) {
      fmt::print(stderr, "dragoman: unknown command '{}'; see dragoman --help\n", unknown.front());
      return kUsage;
    }
    fmt::print(stderr, "dragoman: {}; see dragoman --help\n", error.what());
    return kUsage;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const dragoman::InvalidArgument& error) {
    fmt::print(stderr, "dragoman: {}\n", error.what());
    return kUsage;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "dragoman: out of memory; use fewer --threads or a smaller model\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "dragoman: {}\n", error.what());
  }
  return kFailure;
}
