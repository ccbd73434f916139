#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace dragoman {

/// Text of a file of a folder, by its path in there ("1_Pooling/config.json"); none if there is no such file.
using ReadText = std::function<std::optional<std::string>(const std::string& path)>;

/// Of a folder on the disk. It throws InvalidData for a file beyond 256 MiB, naming it.
ReadText text_files_of(const std::filesystem::path& folder);

}  // namespace dragoman
