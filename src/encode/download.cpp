#include "encode/download.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string_view>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"
#include "encode/http_exchange.h"

namespace dragoman {
namespace {

constexpr long kMaxRedirects = 10;

struct DescriptorCloser {
  ~DescriptorCloser() { close(descriptor); }
  int descriptor;
};

class Exchange : public HttpExchange {
 public:
  explicit Exchange(const DownloadRequest& request)
      : HttpExchange({.secure = request.url.starts_with("https:"), .token = request.token, .stall = request.stall}),
        request_(request) {}

  /// Why libcurl gave up: worth another attempt if the network was at fault in the middle of things.
  [[noreturn]] void fail(CURLcode code) const {
    if (broke_off(code)) throw TryAgain{reason(code)};
    throw Unavailable(
        fmt::format("{}: {}; check the network, or set HF_ENDPOINT to a mirror", request_.what, reason(code)));
  }

  /// Throws for every answer that is not the file.
  void check_status() const {
    const long code = status();
    if (code >= 200 && code < 400) return;
    // Said by the hub, and more to the point than the number.
    const std::string_view told = header("x-error-message");
    const std::string said = told.empty() ? "" : fmt::format(" (\"{}\")", printable(told, 200));
    if (code == 401 || code == 403) {
      throw Unavailable(fmt::format(
          "{}: the hub answered {}{}: {}", request_.what, code, said,
          request_.token.empty() ? "no such repository, or it needs a token; check the name or set HF_TOKEN"
                                 : "HF_TOKEN gives no access to it; accept its terms on the hub or use another token"));
    }
    if (code == 404) {
      throw NotFound(fmt::format("{}: the hub has no such file{}; check owner, name and path", request_.what, said));
    }
    check_busy(*this, fmt::format("the server answered {}", code));
    throw Unavailable(fmt::format("{}: the server answered {}{}", request_.what, code, said));
  }

 private:
  const DownloadRequest& request_;
};

/// Calls `attempt` until it succeeds or `attempts` failures have come without progress, told by `arrived` growing.
template <typename Attempt, typename Arrived>
void with_attempts(const DownloadRequest& request, Attempt&& attempt, Arrived&& arrived) {
  BackOff pauses(request.pause, Jitter::none);
  std::uint64_t most = arrived();
  for (int failures = 0;;) {
    try {
      return attempt();
    } catch (const TryAgain& failure) {
      if (arrived() > most) {
        most = arrived();
        failures = 0;
        pauses.restart();
      }
      if (++failures >= request.attempts) {
        throw Unavailable(
            fmt::format("{}: {}, {} times in a row; run the same command again later, it goes on where "
                        "it stopped",
                        request.what, failure.reason, failures));
      }
      pauses.sleep(failure.least_pause);
    }
  }
}

RemoteFile describe(const HttpExchange& answer) {
  RemoteFile remote;
  // The hub's own words about a file that it keeps elsewhere (X-Linked-...) go before those about the answer.
  const bool linked = !answer.header("x-linked-etag").empty();
  std::string_view etag = answer.header(linked ? "x-linked-etag" : "etag");
  if (!etag.starts_with("W/")) {
    std::erase(remote.etag = etag, '"');
  }
  const auto hexadecimal = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (remote.etag.size() == 64 && std::ranges::all_of(remote.etag, hexadecimal)) remote.sha256 = remote.etag;
  remote.bytes = http_number(answer.header(linked ? "x-linked-size" : "content-length")).value_or(0);
  return remote;
}

std::filesystem::path etag_path(const std::filesystem::path& part) { return part.string() + ".etag"; }

std::string identity(const RemoteFile& remote) { return fmt::format("{} {}\n", remote.etag, remote.bytes); }

/// Where one attempt's bytes go. Nothing may throw through libcurl, so what goes wrong waits here.
struct Sink {
  Exchange& exchange;
  int descriptor;
  std::uint64_t start;  ///< What was asked for: bytes from here on.
  std::uint64_t size;   ///< Bytes in the file.
  std::uint64_t total;
  const ProgressCallback& progress;
  bool begun = false;
  std::exception_ptr error;

  void begin() {
    begun = true;
    const auto range = fmt::format("bytes {}-", start);
    const bool continued = exchange.status() == 206 && exchange.header("content-range").starts_with(range);
    if (continued || start == 0) return;
    if (exchange.status() == 206) throw TryAgain{"the server sent another range than was asked for"};
    // The server does not know ranges and sends the whole file.
    size = 0;
    if (ftruncate(descriptor, 0) != 0 || lseek(descriptor, 0, SEEK_SET) != 0) throw_cannot_write();
  }

  void append(std::string_view bytes) {
    if (total > 0 && bytes.size() > total - size) throw TryAgain{"the server sent more bytes than the file has"};
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw_cannot_write();
      bytes.remove_prefix(static_cast<std::size_t>(written));
      size += static_cast<std::uint64_t>(written);
    }
    report(progress, {"download", "bytes", size, total});
  }

  [[noreturn]] static void throw_cannot_write() {
    throw Unavailable(fmt::format("the download cannot be written: {}; free some space and run the same command again",
                                  std::strerror(errno)));
  }
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* into) noexcept {
  auto& sink = *static_cast<Sink*>(into);
  try {
    // The body of an error is a page for people, no part of the file.
    if (sink.exchange.status() >= 300) return size * count;
    if (!sink.begun) sink.begin();
    sink.append({data, size * count});
    return size * count;
  } catch (...) {
    sink.error = std::current_exception();
    return 0;
  }
}

std::uint64_t size_of(const std::filesystem::path& path) {
  std::error_code absent;
  const auto size = std::filesystem::file_size(path, absent);
  return absent ? 0 : size;
}

void download_once(const DownloadRequest& request, const RemoteFile& remote, const std::filesystem::path& part,
                   const ProgressCallback& progress) {
  const std::uint64_t have = size_of(part);
  if (remote.bytes > 0 && have == remote.bytes) return;
  const DescriptorCloser file{open(part.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
  if (file.descriptor < 0) Sink::throw_cannot_write();

  Exchange exchange(request);
  Sink sink{exchange, file.descriptor, have, have, remote.bytes, progress, false, nullptr};
  exchange.set(CURLOPT_FOLLOWLOCATION, 1L);
  exchange.set(CURLOPT_MAXREDIRS, kMaxRedirects);
  exchange.set(CURLOPT_WRITEFUNCTION, take_body);
  exchange.set(CURLOPT_WRITEDATA, &sink);
  const std::string range = fmt::format("{}-", have);
  if (have > 0) exchange.set(CURLOPT_RANGE, range.c_str());
  const CURLcode code = exchange.perform(request.url);
  if (sink.error) std::rethrow_exception(sink.error);
  if (code != CURLE_OK) {
    // Once bytes have come, a connection that cannot be made again is a network that comes and goes.
    if (have > 0 || sink.size > 0) throw TryAgain{printable(curl_easy_strerror(code), 200)};
    exchange.fail(code);
  }
  if (exchange.status() == 416) {
    // The part is longer than the file: it is not a part of it.
    std::filesystem::resize_file(part, 0);
    throw TryAgain{"the server has fewer bytes than were here already"};
  }
  exchange.check_status();
  if (remote.bytes > 0 && sink.size != remote.bytes) {
    throw TryAgain{fmt::format("{} of {} bytes came", sink.size, remote.bytes)};
  }
}

}  // namespace

RemoteFile look_up(const DownloadRequest& request) {
  RemoteFile remote;
  const auto attempt = [&] {
    Exchange exchange(request);
    exchange.set(CURLOPT_NOBODY, 1L);
    std::string url = request.url;
    for (long hop = 0; hop <= kMaxRedirects; ++hop) {
      if (const CURLcode code = exchange.perform(url); code != CURLE_OK) exchange.fail(code);
      exchange.check_status();
      const std::string next = exchange.redirect();
      if (next.empty() || !exchange.header("x-linked-etag").empty()) {
        remote = describe(exchange);
        return;
      }
      // Another host's address is signed for fetching, not for asking; what is unknown stays unknown.
      if (origin(next) != origin(url)) return;
      url = next;
    }
    throw Unavailable(fmt::format("{}: redirected without end", request.what));
  };
  with_attempts(request, attempt, [] { return std::uint64_t{0}; });
  return remote;
}

void download(const DownloadRequest& request, const RemoteFile& remote, const std::filesystem::path& part,
              const ProgressCallback& progress) {
  std::error_code absent;
  const bool known = std::filesystem::exists(etag_path(part), absent);
  const bool same = known && !remote.etag.empty() && read_file(etag_path(part)) == identity(remote);
  if (!same) {
    forget_download(part);
    AtomicFile file(etag_path(part));
    file.write(identity(remote));
    file.commit();
  }
  const auto room = std::filesystem::space(part.parent_path(), absent);
  const std::uint64_t needed = remote.bytes - std::min(remote.bytes, size_of(part));
  if (!absent && room.available < needed) {
    throw Unavailable(fmt::format("{}: needs {} bytes more, but {} has room for {}; free some space", request.what,
                                  needed, part.parent_path().string(), room.available));
  }
  with_attempts(
      request, [&] { download_once(request, remote, part, progress); }, [&] { return size_of(part); });
}

void forget_download(const std::filesystem::path& part) {
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  std::filesystem::remove(etag_path(part), ignored);
}

}  // namespace dragoman
