#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dragoman/base/file.h"
#include "dragoman/text/language.h"
#include "translate/marian/config.h"

namespace dragoman {

/// A Marian model's files, mapped: out of one GGUF file or out of a folder.
struct MarianFiles {
  std::vector<MappedFile> mapped;
  MarianSettings settings;
  std::span<const std::byte> model, source_vocabulary, target_vocabulary;
  std::span<const std::byte> shortlist;  ///< Empty: none.
  std::optional<Language> from, to;      ///< Of a GGUF file.
  std::string sha256;                    ///< Of all that is read.
};

/// @param sha256 of a GGUF file, where it is known; else it is computed.
/// @throws NotFound if a file is missing; InvalidData if the GGUF file is damaged or is no Marian model.
MarianFiles open_marian_files(const std::filesystem::path& path, const std::string& sha256 = {});

}  // namespace dragoman
