#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "command.h"
#include "dragoman/translate/translator_registry.h"

namespace dragoman::cli {

/// Options that say who may translate, for the commands of `dragoman translate`.
class ProviderFlags {
 public:
  void add(CLI::App& command);
  /// Those of neural models besides.
  void add_marian(CLI::App& command);

  TranslatorRegistryOptions options(const Context& context) const;

 private:
  std::vector<std::string> providers() const;

  std::string providers_, model_, precision_, analyzer_ = std::string(Analyzer::kDefaultName);
  std::vector<std::filesystem::path> tables_;
  MarianOptions marian_;
  std::size_t beam_size_ = 0, apertium_seconds_ = 30;
  bool whole_lines_ = false, no_protect_ = false;
};

}  // namespace dragoman::cli
