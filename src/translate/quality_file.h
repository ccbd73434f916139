#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "dragoman/translate/translator_registry.h"

namespace dragoman {

/// docs/formats/translation-quality.md. None if there is no such file. @throws InvalidData if it is malformed.
std::vector<TranslationQuality> read_qualities(const std::filesystem::path& file);
/// @throws Unavailable.
void write_qualities(const std::filesystem::path& file, std::span<const TranslationQuality> qualities);

}  // namespace dragoman
