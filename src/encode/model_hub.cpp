#include "encode/model_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/environment.h"
#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/hash.h"
#include "dragoman/base/utf8.h"
#include "encode/download.h"

namespace dragoman {
namespace {

constexpr std::string_view kScheme = "hf:";

bool unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
}

/// Each of these becomes a folder's name as well as a piece of a URL.
bool is_segment(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.find_first_of(std::string_view("\\\0", 2)) == text.npos;
}

/// RFC 3986, section 2.1, all but the slashes of a path.
std::string escaped(std::string_view text, bool keep_slashes) {
  std::string url;
  for (const char c : text) {
    if (unreserved(c) || (keep_slashes && c == '/')) {
      url.push_back(c);
    } else {
      url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return url;
}

}  // namespace

namespace {

HubFile parse_location(std::string_view location, bool with_path) {
  const auto refuse = [&] {
    throw InvalidArgument(fmt::format("\"{}\": expected hf:OWNER/NAME[@REVISION]{}", printable(location),
                                      with_path ? "/PATH/TO/FILE.gguf" : ""));
  };
  if (!location.starts_with(kScheme)) refuse();
  std::vector<std::string_view> segments;
  for (std::string_view rest = location.substr(kScheme.size());;) {
    const auto slash = rest.find('/');
    segments.push_back(rest.substr(0, slash));
    if (slash == rest.npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (with_path ? segments.size() < 3 : segments.size() != 2) refuse();
  HubFile file;
  file.owner = segments[0];
  if (const auto at = segments[1].find('@'); at != std::string_view::npos) {
    file.revision = segments[1].substr(at + 1);
    segments[1] = segments[1].substr(0, at);
  }
  file.name = segments[1];
  for (const auto& segment : segments) {
    if (!is_segment(segment)) refuse();
  }
  if (!is_segment(file.revision) || !std::ranges::all_of(file.owner + file.name, unreserved)) refuse();
  if (!with_path) return file;
  file.path = std::string(segments[2].data(), location.data() + location.size());
  if (!file.path.ends_with(".gguf")) refuse();
  return file;
}

}  // namespace

HubFile HubFile::parse(std::string_view location) { return parse_location(location, true); }

std::optional<HubFile> HubFile::parse_repository(std::string_view location) {
  if (std::ranges::count(location, '/') > 1) return std::nullopt;
  return parse_location(location, false);
}

std::string HubFile::location() const {
  return fmt::format("{}{}/{}{}{}{}", kScheme, owner, name, revision == "main" ? "" : "@" + revision,
                     path.empty() ? "" : "/", path);
}

HubSettings HubSettings::from_environment() {
  HubSettings settings;
  if (const auto endpoint = environment("HF_ENDPOINT"); !endpoint.empty()) settings.endpoint = endpoint;
  if (!settings.endpoint.starts_with("https://") && !settings.endpoint.starts_with("http://")) {
    throw InvalidArgument(
        fmt::format("HF_ENDPOINT is \"{}\"; expected http://... or https://...", printable(settings.endpoint)));
  }
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  settings.token = environment("HF_TOKEN");

  if (const auto cache = environment("HF_HUB_CACHE"); !cache.empty()) {
    settings.cache = cache;
  } else if (const auto home = environment("HF_HOME"); !home.empty()) {
    settings.cache = std::filesystem::path(home) / "hub";
  } else if (const auto caches = environment("XDG_CACHE_HOME"); !caches.empty()) {
    settings.cache = std::filesystem::path(caches) / "huggingface" / "hub";
  } else if (const auto user = environment("HOME"); !user.empty()) {
    settings.cache = std::filesystem::path(user) / ".cache" / "huggingface" / "hub";
  }

  std::string offline = environment("HF_HUB_OFFLINE");
  std::ranges::transform(offline, offline.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  static constexpr std::array kTrue = {"1", "ON", "YES", "TRUE"};
  settings.offline = std::ranges::find(kTrue, offline) != kTrue.end();
  return settings;
}

std::optional<std::filesystem::path> find_in_hub_cache(const HubFile& file, const HubSettings& settings) {
  if (settings.cache.empty()) return std::nullopt;
  const auto repository = settings.cache / fmt::format("models--{}--{}", file.owner, file.name);
  std::error_code ignored;
  std::string commit = file.revision;
  if (const auto reference = repository / "refs" / file.revision;
      std::filesystem::is_regular_file(reference, ignored)) {
    commit = read_file(reference);
    while (!commit.empty() && (commit.back() == '\n' || commit.back() == ' ')) commit.pop_back();
    if (!is_segment(commit) || !std::ranges::all_of(commit, unreserved)) return std::nullopt;
  }
  auto path = repository / "snapshots" / commit / file.path;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  return path;
}

std::string fetch_from_hub(const HubFile& file, const HubSettings& settings, const std::string& sha256,
                           const std::filesystem::path& part, const ProgressCallback& progress) {
  const std::string what = file.location();
  if (settings.offline) {
    throw Unavailable(
        fmt::format("{}: not in the cache {}, and HF_HUB_OFFLINE forbids downloading", what, settings.cache.string()));
  }
  DownloadRequest request;
  request.url = fmt::format("{}/{}/{}/resolve/{}/{}", settings.endpoint, file.owner, file.name,
                            escaped(file.revision, false), escaped(file.path, true));
  request.what = what;
  request.token = settings.token;
  request.pause = settings.pause;
  const RemoteFile remote = look_up(request);
  const std::string& expected = sha256.empty() ? remote.sha256 : sha256;
  if (!expected.empty() && !remote.sha256.empty() && expected != remote.sha256) {
    throw InvalidData(fmt::format("{}: the hub's file has SHA-256 {}, but {} is expected; nothing was installed", what,
                                  remote.sha256, expected));
  }
  download(request, remote, part, progress);

  report(progress, {"verify", "bytes", 0, remote.bytes});
  const std::string found = sha256_of_file(part);
  if (!expected.empty() && found != expected) {
    forget_download(part);
    throw InvalidData(
        fmt::format("{}: what came has SHA-256 {}, but {} is expected; nothing was installed", what, found, expected));
  }
  return found;
}

}  // namespace dragoman
