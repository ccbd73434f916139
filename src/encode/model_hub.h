#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "dragoman/base/progress.h"

namespace dragoman {

/// "hf:owner/name[@revision]/path/to/file.gguf", taken apart.
struct HubFile {
  std::string owner, name, revision = "main", path;

  /// @throws InvalidArgument saying what is legal.
  static HubFile parse(std::string_view location);
  /// "hf:owner/name[@revision]" as a file without a path; none if there is a path behind it.
  /// @throws InvalidArgument saying what is legal.
  static std::optional<HubFile> parse_repository(std::string_view location);
  std::string location() const;
};

/// Where the hub is and what it may be asked.
struct HubSettings {
  std::string endpoint = "https://huggingface.co";
  std::string token;
  std::filesystem::path cache;  ///< HF_HOME/hub; only read.
  bool offline = false;
  std::chrono::milliseconds pause{1000};  ///< Before the second attempt at something.

  /// HF_ENDPOINT, HF_TOKEN, HF_HUB_CACHE, HF_HOME, HF_HUB_OFFLINE. @throws InvalidArgument for an endpoint that is
  /// none.
  static HubSettings from_environment();
};

/// The file in the cache that other programs of the hub share, if it is there.
std::optional<std::filesystem::path> find_in_hub_cache(const HubFile& file, const HubSettings& settings);

/// Downloads the file to `part`, going on where an earlier call stopped, and checks it.
/// @param sha256 what it must hash to; empty takes what the hub says.
/// @return the file's SHA-256.
/// @throws NotFound, Unavailable; InvalidData if the hash is another (then `part` is gone).
std::string fetch_from_hub(const HubFile& file, const HubSettings& settings, const std::string& sha256,
                           const std::filesystem::path& part, const ProgressCallback& progress);

}  // namespace dragoman
