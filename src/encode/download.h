#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "dragoman/base/progress.h"

namespace dragoman {

struct DownloadRequest {
  std::string url;
  std::string what;   ///< For messages: "hf:owner/name/file.gguf".
  std::string token;  ///< Sent as bearer to the URL's own host alone, never to one it redirects to; may be empty.
  int attempts = 5;   ///< That may fail one after another without a single new byte.
  std::chrono::milliseconds pause{1000};  ///< Before the second attempt; doubled each time.
  std::chrono::seconds stall{30};         ///< Without a byte for so long, an attempt has failed.
};

/// What a server says of a file before it sends it.
struct RemoteFile {
  std::string etag;         ///< Without quotes; empty if there is none, or a weak one.
  std::string sha256;       ///< Where the ETag is one, as it is for large files on the hub.
  std::uint64_t bytes = 0;  ///< 0 if unknown.
};

/// Asks for the headers alone, without following a redirect to another host: hubs answer for themselves there.
/// @throws NotFound (404), Unavailable (no network, a token is needed, the server fails again and again).
RemoteFile look_up(const DownloadRequest& request);

/// Downloads into `part`. If `part` holds the start of this same file (told by its ETag, kept in `part`.etag) it goes
/// on there; cut connections, 429 and 5xx are tried again with growing pauses.
/// @throws as look_up, and Unavailable for a full disk. What has arrived stays in `part` for the next call.
void download(const DownloadRequest& request, const RemoteFile& remote, const std::filesystem::path& part,
              const ProgressCallback& progress);

/// Removes `part` and what is remembered of it.
void forget_download(const std::filesystem::path& part);

}  // namespace dragoman
