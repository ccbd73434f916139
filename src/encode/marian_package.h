#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encode/gguf_writer.h"

namespace dragoman {

/// A translation model in Marian's format as one GGUF file: its files lie in it byte by byte, as tensors of 8-bit
/// numbers (docs/formats/model.md).
constexpr std::string_view kMarianArchitecture = "marian";
constexpr std::string_view kMarianSettingsKey = "marian.settings", kMarianSourceKey = "marian.source_language",
                           kMarianTargetKey = "marian.target_language";
constexpr std::string_view kMarianModelTensor = "marian.model", kMarianSourceTensor = "marian.vocabulary.source",
                           kMarianTargetTensor = "marian.vocabulary.target",
                           kMarianShortlistTensor = "marian.shortlist";

/// What a package is made of.
struct MarianParts {
  std::filesystem::path settings, model, source_vocabulary;
  std::filesystem::path target_vocabulary = {};  ///< Empty: one vocabulary for both languages.
  std::filesystem::path shortlist = {};          ///< Empty: none.
  std::string source_language, target_language;  ///< BCP-47.
};

/// Which of some files is what, by their names: config*.yml, model*.bin, lex*.bin, one or two *.spm (the source's comes
/// first in the alphabet: "srcvocab", "trgvocab"). None if they are no Marian model.
std::optional<MarianParts> marian_parts(std::vector<std::filesystem::path> files);

/// Whether a folder's files are those of a Marian model.
std::optional<MarianParts> marian_folder(const std::filesystem::path& folder);

/// The same parts give the same bytes. Whether they can be run is found out by whoever opens the file.
/// @throws NotFound if a part is missing, Unavailable if the file cannot be written.
WrittenFile write_marian_package(const MarianParts& parts, const std::string& name, const std::filesystem::path& gguf);

}  // namespace dragoman
