#include "encode/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "dragoman/base/error.h"
#include "dragoman/base/file.h"
#include "dragoman/base/utf8.h"

namespace dragoman {
namespace {

constexpr long kMaxRedirects = 10;
constexpr std::chrono::seconds kLongestPause{60};

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

struct DescriptorCloser {
  ~DescriptorCloser() { close(descriptor); }
  int descriptor;
};

/// A failure that another attempt may not meet.
struct TryAgain {
  std::string reason;
  std::chrono::milliseconds least_pause{0};  ///< What the server asked for.
};

/// The headers of the last answer; a redirect's are forgotten when the next answer begins.
using Headers = std::map<std::string, std::string, std::less<>>;

std::string_view header(const Headers& headers, std::string_view name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : found->second;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* into) noexcept {
  auto& headers = *static_cast<Headers*>(into);
  std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) headers.clear();
  if (const auto colon = line.find(':'); colon != line.npos) {
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == '\r' || value.back() == '\n' || value.back() == ' ')) {
      value.remove_suffix(1);
    }
    headers.insert_or_assign(std::move(name), std::string(value));
  }
  return size * count;
}

class Exchange {
 public:
  explicit Exchange(const DownloadRequest& request) : request_(request) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    handle_.reset(started == CURLE_OK ? curl_easy_init() : nullptr);
    if (handle_ == nullptr) throw Unavailable("libcurl cannot be started");
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "dragoman");
    set(CURLOPT_CONNECTTIMEOUT, 15L);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall.count()));
    set(CURLOPT_HEADERFUNCTION, take_header);
    set(CURLOPT_HEADERDATA, &headers);
    const bool secure = request.url.starts_with("https:");
#if LIBCURL_VERSION_NUM >= 0x075500
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
#else
    set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    set(CURLOPT_REDIR_PROTOCOLS, static_cast<long>(secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    if (!request.token.empty()) {
      // libcurl keeps a bearer to the host, port and scheme it was given for.
      set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
      set(CURLOPT_XOAUTH2_BEARER, request.token.c_str());
    }
  }

  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  CURLcode perform(const std::string& url) {
    headers.clear();
    error_[0] = '\0';
    set(CURLOPT_URL, url.c_str());
    return curl_easy_perform(handle_.get());
  }

  long status() const {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  std::string redirect() const {
    char* url = nullptr;
    curl_easy_getinfo(handle_.get(), CURLINFO_REDIRECT_URL, &url);
    return url == nullptr ? "" : url;
  }

  /// Why libcurl gave up: worth another attempt if the network was at fault in the middle of things.
  [[noreturn]] void fail(CURLcode code) const {
    const std::string reason = printable(error_[0] == '\0' ? curl_easy_strerror(code) : error_, 200);
    switch (code) {
      case CURLE_OPERATION_TIMEDOUT:
      case CURLE_PARTIAL_FILE:
      case CURLE_GOT_NOTHING:
      case CURLE_SEND_ERROR:
      case CURLE_RECV_ERROR:
      case CURLE_HTTP2:
      case CURLE_HTTP2_STREAM:
        throw TryAgain{reason};
      default:
        throw Unavailable(
            fmt::format("{}: {}; check the network, or set HF_ENDPOINT to a mirror", request_.what, reason));
    }
  }

  /// Throws for every answer that is not the file.
  void check_status() const {
    const long code = status();
    if (code >= 200 && code < 400) return;
    // Said by the hub, and more to the point than the number.
    const std::string_view told = header(headers, "x-error-message");
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
    if (code == 408 || code == 429 || code >= 500) {
      const auto seconds = std::chrono::seconds(number(header(headers, "retry-after")).value_or(0) % 3600);
      throw TryAgain{fmt::format("the server answered {}", code), std::min(seconds, kLongestPause)};
    }
    throw Unavailable(fmt::format("{}: the server answered {}{}", request_.what, code, said));
  }

  Headers headers;

 private:
  const DownloadRequest& request_;
  std::unique_ptr<CURL, CurlDeleter> handle_;
  char error_[CURL_ERROR_SIZE] = "";
};

std::string origin(const std::string& url) {
  const std::unique_ptr<CURLU, CurlDeleter> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return "";
  std::string text;
  for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
    char* value = nullptr;
    if (curl_url_get(parsed.get(), part, &value, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
    text.append(value).append(" ");
    curl_free(value);
  }
  return text;
}

/// Calls `attempt` until it succeeds or `attempts` failures have come without progress, told by `arrived` growing.
template <typename Attempt, typename Arrived>
void with_attempts(const DownloadRequest& request, Attempt&& attempt, Arrived&& arrived) {
  auto pause = request.pause;
  std::uint64_t most = arrived();
  for (int failures = 0;;) {
    try {
      return attempt();
    } catch (const TryAgain& failure) {
      if (arrived() > most) {
        most = arrived();
        failures = 0;
        pause = request.pause;
      }
      if (++failures >= request.attempts) {
        throw Unavailable(
            fmt::format("{}: {}, {} times in a row; run the same command again later, it goes on where "
                        "it stopped",
                        request.what, failure.reason, failures));
      }
      std::this_thread::sleep_for(std::max(pause, failure.least_pause));
      pause = std::min<std::chrono::milliseconds>(pause * 2, kLongestPause);
    }
  }
}

RemoteFile describe(const Headers& headers) {
  RemoteFile remote;
  // The hub's own words about a file that it keeps elsewhere (X-Linked-...) go before those about the answer.
  const bool linked = !header(headers, "x-linked-etag").empty();
  std::string_view etag = header(headers, linked ? "x-linked-etag" : "etag");
  if (!etag.starts_with("W/")) {
    std::erase(remote.etag = etag, '"');
  }
  const auto hexadecimal = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (remote.etag.size() == 64 && std::ranges::all_of(remote.etag, hexadecimal)) remote.sha256 = remote.etag;
  remote.bytes = number(header(headers, linked ? "x-linked-size" : "content-length")).value_or(0);
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
    const bool continued = exchange.status() == 206 && header(exchange.headers, "content-range").starts_with(range);
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
      if (next.empty() || !header(exchange.headers, "x-linked-etag").empty()) {
        remote = describe(exchange.headers);
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
